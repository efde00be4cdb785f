{{/* A rule of egress to a place outside that values name: (list TO PORTS). */}}
{{- define "presage.egressTo" -}}
- ports: [{{ range $i, $port := index . 1 }}{{ if $i }}, {{ end }}{ protocol: TCP, port: {{ $port }} }{{ end }}]
  {{- with index . 0 }}
  to: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Pods of a component, in whichever namespace they are: (list $ COMPONENT NAMESPACE). */}}
{{- define "presage.peer" -}}
{ podSelector: { matchLabels: {{ include "presage.selector" . | fromYaml | toJson }} }, namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ index . 2 }} } } }
{{- end }}

{{- define "presage.egressToNames" -}}
- ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
{{- end }}

{{- define "presage.egressToState" -}}
{{- $n := .Values.networkPolicy -}}
{{- if .Values.trial.enabled }}
- ports: [{ protocol: TCP, port: 5432 }, { protocol: TCP, port: 7233 }]
  to: [{{ include "presage.peer" (list . "trial" .Release.Namespace) }}]
{{- end }}
{{- if or .Values.postgres.existingSecret (not .Values.trial.enabled) }}
{{ include "presage.egressTo" (list $n.postgres.to (list $n.postgres.port)) }}
{{- end }}
{{- end }}

{{- define "presage.egressToTemporal" -}}
{{- if .Values.temporal.address }}
{{ include "presage.egressTo" (list .Values.networkPolicy.temporal.to (list .Values.networkPolicy.temporal.port)) }}
{{- end }}
{{- end }}

{{/* Agents of both kinds, and instances behind them, whose ports are their own. */}}
{{- define "presage.egressToInstances" -}}
{{- if .Values.isolation.agent.enabled }}
- to: [{{ include "presage.peer" (list . "agent" (include "presage.agentNamespace" .)) }}]
{{- end }}
{{- if .Values.isolation.pod.enabled }}
- to: [{{ include "presage.peer" (list . "pod-agents" .Release.Namespace) }}]
- to: [{ podSelector: {}, namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ .Values.functions.namespace }} } } }]
{{- end }}
{{- end }}

{{/* Agents outside of the cluster, at these ports: (list $ PORTS). */}}
{{- define "presage.egressToJoinedNodes" -}}
{{- with (index . 0).Values.networkPolicy.joinedNodes.to }}
{{ include "presage.egressTo" (list . (index $ 1)) }}
{{- end }}
{{- end }}

{{/* Prometheus at a process that shows its metrics beside its health. */}}
{{- define "presage.ingressOfMetrics" -}}
{{- if .Values.serviceMonitor.enabled }}
- ports: [{ protocol: TCP, port: health }]
  from: {{ toJson (default (list (dict "namespaceSelector" dict)) .Values.networkPolicy.metricsFrom) }}
{{- end }}
{{- end }}

{{/* The collector of traces, where there is one. */}}
{{- define "presage.egressToTraces" -}}
{{- if (.Values.config.tracing).endpoint }}
{{ include "presage.egressTo" (list .Values.networkPolicy.traces.to (list .Values.networkPolicy.traces.port)) }}
{{- end }}
{{- end }}
