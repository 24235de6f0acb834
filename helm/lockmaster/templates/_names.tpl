{{- define "lockmaster.fullname" -}}
{{- $name := .Release.Name -}}
{{- if not (contains .Chart.Name $name) }}{{ $name = printf "%s-%s" $name .Chart.Name }}{{ end -}}
{{- .Values.fullnameOverride | default $name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "lockmaster.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "lockmaster.labels" -}}
{{ include "lockmaster.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "lockmaster.serviceAccount" -}}
{{- $account := .Values.serviceAccount -}}
{{- if $account.create }}{{ $account.name | default (include "lockmaster.fullname" .) }}
{{- else }}{{ required "serviceAccount.name: expected a name, since serviceAccount.create is false" $account.name }}
{{- end }}
{{- end }}

{{- define "lockmaster.secret" -}}
{{- .Values.secret.existing | default (include "lockmaster.fullname" .) -}}
{{- end }}

{{- define "lockmaster.image" -}}
{{- $image := .Values.image -}}
{{- $repository := required "image.repository: expected the name of an image that has `lockmaster` on its PATH" $image.repository -}}
{{- if $image.digest }}{{ $repository }}@{{ $image.digest }}
{{- else }}{{ $repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}
