{{/*
The catalogue's services as the bot reads them: the defaults beneath each entry, Deployment and Service named by its key where nothing is said.
Fails where the bot would not start for want of a field, so that a broken catalogue never reaches the cluster.
*/}}
{{- define "lockmaster.services" -}}
{{- $catalogue := .Values.catalogue -}}
{{- if not $catalogue.services }}
{{- fail "catalogue.services: expected at least one entry, its key the service's name" }}
{{- end }}
{{- $services := dict }}
{{- range $name, $entry := $catalogue.services }}
{{- $merged := mergeOverwrite (dict "deployment" $name "service" $name) (deepCopy ($catalogue.defaults | default dict)) (deepCopy ($entry | default dict)) }}
{{- $istio := dig "traffic" "istio" dict $merged }}
{{- $asked := dict
  "namespace" $merged.namespace "image" $merged.image "channel" $merged.channel
  "traffic.istio.virtual_service" $istio.virtual_service "traffic.istio.destination_rule" $istio.destination_rule
}}
{{- $missing := list }}
{{- range $field, $value := $asked }}
{{- if not $value }}{{ $missing = append $missing $field }}{{ end }}
{{- end }}
{{- with $missing }}
{{- fail (printf "catalogue.services.%s: expected a value for %s, here or in catalogue.defaults" $name (join ", " .)) }}
{{- end }}
{{- $_ := set $services $name $merged }}
{{- end }}
{{- range $name, $_ := .Values.rbac.autoscalers }}
{{- if not (hasKey $services $name) }}
{{- fail (printf "rbac.autoscalers.%s: expected the name of a service of the catalogue" $name) }}
{{- end }}
{{- end }}
{{- toYaml $services }}
{{- end }}

{{/* The objects that releases write, by namespace and kind; `new` are the Deployments that they make. */}}
{{- define "lockmaster.written" -}}
{{- $written := dict }}
{{- range $name, $service := include "lockmaster.services" . | fromYaml }}
{{- $before := get $written $service.namespace | default dict }}
{{- $canary := printf "%s-canary" $service.deployment }}
{{- $istio := $service.traffic.istio }}
{{- $_ := set $written $service.namespace (dict
  "deployments" (concat ($before.deployments | default list) (list $service.deployment $canary))
  "new" (append ($before.new | default list) $canary)
  "autoscalers" (append ($before.autoscalers | default list) (get $.Values.rbac.autoscalers $name | default $service.deployment))
  "virtualservices" (append ($before.virtualservices | default list) $istio.virtual_service)
  "destinationrules" (append ($before.destinationrules | default list) $istio.destination_rule)
) }}
{{- end }}
{{- toYaml $written }}
{{- end }}
