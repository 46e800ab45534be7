{{- define "hso.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* At most 52 characters: the longest suffix is `-operator`, and names of Services end at 63. */}}
{{- define "hso.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else -}}
{{- $name := include "hso.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end -}}
{{- end -}}
{{- end }}

{{- /* Cluster-wide objects of two releases in two namespaces must differ. */}}
{{- define "hso.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "hso.fullname" .) }}
{{- end }}

{{- define "hso.selectorLabels" -}}
app.kubernetes.io/name: {{ include "hso.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "hso.labels" -}}
{{ include "hso.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* metadata: (dict "root" $ "name" … "namespace" … "labels" … "annotations" …); namespace "" for cluster-wide. */}}
{{- define "hso.metadata" -}}
name: {{ .name | quote }}
{{- with .namespace }}
namespace: {{ . | quote }}
{{- end }}
labels:
  {{- include "hso.labels" .root | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "hso.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "hso.fullname" .) }}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end }}

{{- define "hso.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end -}}
{{- end }}

{{- define "hso.subjects" -}}
subjects:
- kind: ServiceAccount
  name: {{ include "hso.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{- /* What no schema can say, in the words of what to do. */}}
{{- define "hso.check" -}}
{{- if and .Values.watchNamespace (not (and .Values.installation .Values.clusterId)) }}
{{- fail "watchNamespace needs installation and clusterId: with the rights of one namespace the operator cannot read the uid of kube-system. Set installation to a name that no other installation on these helpdesks has, and clusterId to the output of: kubectl get namespace kube-system -o jsonpath={.metadata.uid}" }}
{{- end }}
{{- if and (not .Values.leaderElection.enabled) (gt (int .Values.replicas) 1) }}
{{- fail "replicas is more than 1 and leaderElection.enabled is false: two replicas would write at the same time. Enable the election, or set replicas to 1" }}
{{- end }}
{{- if and .Values.extraCa.configMap .Values.extraCa.secret }}
{{- fail "extraCa.configMap and extraCa.secret are both set: name one of them" }}
{{- end }}
{{- if and .Values.watchNamespace .Values.rbac.secretNamespaces }}
{{- fail "watchNamespace and rbac.secretNamespaces are both set: with watchNamespace the operator reads Secrets in that namespace only; leave rbac.secretNamespaces empty" }}
{{- end }}
{{- end }}
