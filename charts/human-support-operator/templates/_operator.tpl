{{- /* The arguments of the operator: every flag of `humansupport run` has a value, but those for development. */}}
{{- define "hso.arguments" -}}
- run
- --health-address=0.0.0.0:{{ .Values.service.port }}
- --log-format={{ .Values.log.format }}
- {{ printf "--log=%s" .Values.log.filter | quote }}
- --concurrency={{ int64 .Values.concurrency }}
- --settle-seconds={{ int64 .Values.settleSeconds }}
- --deletion-timeout={{ int64 .Values.deletionTimeoutSeconds }}
- --token-check-seconds={{ int64 .Values.tokenCheckSeconds }}
{{- with .Values.watchNamespace }}
- --namespace={{ . }}
{{- end }}
{{- with .Values.installation }}
- --installation={{ . }}
{{- end }}
{{- range .Values.formerInstallations }}
- --former-installation={{ . }}
{{- end }}
{{- range .Values.adapterCidrs }}
- --adapter-cidr={{ . }}
{{- end }}
{{- with .Values.clusterId }}
- --cluster-id={{ . }}
{{- end }}
{{- if .Values.readOnly }}
- --read-only
{{- end }}
{{- if not .Values.leaderElection.enabled }}
- --no-leader-election
{{- end }}
{{- if include "hso.extraCaVolume" . }}
- --ca-file=/etc/humansupport/ca/{{ .Values.extraCa.key }}
{{- end }}
{{- if not .Values.metrics.perObject }}
- --no-object-metrics
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "hso.extraCaVolume" -}}
{{- with .Values.extraCa }}
{{- if .configMap }}
- name: extra-ca
  configMap: {name: {{ .configMap | quote }}}
{{- else if .secret }}
- name: extra-ca
  secret: {secretName: {{ .secret | quote }}}
{{- end }}
{{- end }}
{{- end }}
