{{- /* What the operator may do and nothing more. A test compares the sum with the rights under which it is tested. */}}

{{- /* Stores and accounts. `patch` puts the finalizer on a store and takes it off. */}}
{{- define "hso.rules.resources" -}}
- apiGroups: [humansupport.dev]
  resources: [humansupportconfigs]
  verbs: [get, list, watch, patch]
- apiGroups: [humansupport.dev]
  resources: [{{ if .Values.watchNamespace }}helpdeskaccounts{{ else }}helpdeskaccounts, clusterhelpdeskaccounts{{ end }}]
  verbs: [list, watch]
- apiGroups: [humansupport.dev]
  resources: [humansupportconfigs/status, {{ if .Values.watchNamespace }}helpdeskaccounts/status{{ else }}helpdeskaccounts/status, clusterhelpdeskaccounts/status{{ end }}]
  verbs: [patch]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, create, patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- /* No list and no watch: the operator reads the Secrets that stores and accounts name, one by one. */}}
{{- define "hso.rules.secrets" -}}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
{{- end }}

{{- /* The uid of kube-system, and the labels by which a cluster account admits a namespace. */}}
{{- define "hso.rules.namespaces" -}}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
{{- end }}

{{- /* `create` cannot be limited to a name. */}}
{{- define "hso.rules.lease" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [humansupport-operator]
  verbs: [get, update]
{{- end }}

{{- /* A Role and its binding: (dict "root" $ "name" … "namespace" … "rules" …). */}}
{{- define "hso.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- include "hso.metadata" . | nindent 2 }}
rules:
{{ .rules }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "hso.metadata" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name | quote }}
{{ include "hso.subjects" .root }}
{{- end }}
