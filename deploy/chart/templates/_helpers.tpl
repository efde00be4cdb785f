{{- define "presage.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "presage.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "presage.name" .) .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name (include "presage.name" .) | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* What pods of a component are selected by: (list $ "gateway"). */}}
{{- define "presage.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "presage.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Of every object: (list $ "gateway"). */}}
{{- define "presage.labels" -}}
{{- $root := index . 0 -}}
{{ include "presage.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: presage
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "presage.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default $root.Chart.AppVersion $image.tag }}
{{- end -}}
{{- end }}

{{- define "presage.agentNamespace" -}}
{{ default .Release.Namespace .Values.agent.namespace }}
{{- end }}

{{/* Namespaces that hold the platform's secrets, as a JSON list. */}}
{{- define "presage.secretNamespaces" -}}
{{- $all := list .Release.Namespace -}}
{{- if .Values.isolation.agent.enabled }}{{ $all = append $all (include "presage.agentNamespace" .) }}{{ end -}}
{{ $all | uniq | toJson }}
{{- end }}

{{/* Name of a secret: the one that is given, else the one that the chart makes: (list $ .Values.postgres.existingSecret "postgres"). */}}
{{- define "presage.secretName" -}}
{{- $root := index . 0 -}}
{{ default (printf "%s-%s" (include "presage.fullname" $root) (index . 2)) (index . 1) }}
{{- end }}

{{- define "presage.claim" -}}
{{ default (printf "%s-blobs" (include "presage.fullname" .)) .Values.storage.existingClaim }}
{{- end }}

{{- define "presage.agentClaim" -}}
{{- if .Values.agent.storage.existingClaim -}}
{{ .Values.agent.storage.existingClaim }}
{{- else if ne (include "presage.agentNamespace" .) .Release.Namespace -}}
{{ fail "agent.storage.existingClaim: a claim in agent.namespace on the same storage is needed, for claims are not shared between namespaces" }}
{{- else -}}
{{ include "presage.claim" . }}
{{- end -}}
{{- end }}

{{- define "presage.temporalAddress" -}}
{{- if .Values.temporal.address -}}
{{ .Values.temporal.address }}
{{- else -}}
{{ printf "%s-trial.%s.svc:7233" (include "presage.fullname" .) .Release.Namespace }}
{{- end -}}
{{- end }}

{{/* Of agents, and of those who call them: (list $ "agent"). */}}
{{- define "presage.agentTlsSecret" -}}
{{- $root := index . 0 -}}
{{- $tls := $root.Values.agent.tls -}}
{{- $agents := include "presage.secretName" (list $root $tls.existingSecret "agent-tls") -}}
{{- if eq (index . 1) "agent" -}}
{{ $agents }}
{{- else if and $tls.certManager.issuerRef (not $tls.existingSecret) -}}
{{ include "presage.secretName" (list $root $tls.callerSecret "agent-caller-tls") }}
{{- else -}}
{{ default $agents $tls.callerSecret }}
{{- end -}}
{{- end }}

{{/* Restricted in the sense of PodSecurity; all but the agent. */}}
{{- define "presage.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "presage.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Environment that processes share: (list $ "gateway"). */}}
{{- define "presage.env" -}}
{{- $root := index . 0 -}}
{{- $v := $root.Values -}}
- { name: PRESAGE_CONFIG, value: /etc/presage/config/presage.yaml }
- { name: HOME, value: /tmp }
- name: PRESAGE__POSTGRES__URL
  valueFrom: { secretKeyRef: { name: {{ include "presage.secretName" (list $root $v.postgres.existingSecret "postgres") }}, key: {{ $v.postgres.urlKey }} } }
{{- if and $v.redis.enabled (has (index . 1) (list "gateway")) }}
- name: PRESAGE__REDIS__URL
  valueFrom: { secretKeyRef: { name: {{ $v.redis.existingSecret }}, key: {{ $v.redis.urlKey }} } }
{{- end }}
{{- end }}

{{/* Volumes that all long-lived processes mount: (list $ CLAIM COMPONENT). */}}
{{- define "presage.volumes" -}}
{{- $root := index . 0 -}}
{{- $component := index . 2 -}}
{{- $v := $root.Values -}}
- { name: config, configMap: { name: {{ include "presage.fullname" $root }} } }
- { name: blobs, persistentVolumeClaim: { claimName: {{ index . 1 }} } }
- { name: tmp, emptyDir: {} }
- name: master-key
  projected:
    defaultMode: 288 # 0440
    sources:
      - secret: { name: {{ include "presage.secretName" (list $root $v.masterKey.existingSecret "master-key") }}, items: [{ key: {{ $v.masterKey.key }}, path: master.key }] }
      {{- with $v.masterKey.previous.existingSecret }}
      - secret: { name: {{ . }}, items: [{ key: {{ $v.masterKey.previous.key }}, path: previous.key }] }
      {{- end }}
- name: agent-tls
  secret: { secretName: {{ include "presage.agentTlsSecret" (list $root (ternary "agent" "caller" (has $component (list "agent" "pod-agents")))) }}, defaultMode: 288 }
{{- with $v.postgres.caSecret }}
- { name: postgres-ca, secret: { secretName: {{ . }} } }
{{- end }}
{{- if ne $component "agent" }}
{{- with $v.temporal.tls.existingSecret }}
- { name: temporal-tls, secret: { secretName: {{ . }}, defaultMode: 288 } }
{{- end }}
{{- with $v.temporal.apiKey.existingSecret }}
- { name: temporal-api-key, secret: { secretName: {{ . }}, defaultMode: 288 } }
{{- end }}
{{- end }}
{{- if and $v.redis.enabled $v.redis.caSecret (eq $component "gateway") }}
- { name: redis-ca, secret: { secretName: {{ $v.redis.caSecret }} } }
{{- end }}
{{- end }}

{{/* The same for the container: (list $ COMPONENT). */}}
{{- define "presage.mounts" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $v := $root.Values -}}
- { name: config, mountPath: /etc/presage/config, readOnly: true }
- { name: master-key, mountPath: /etc/presage/master-key, readOnly: true }
- { name: blobs, mountPath: /var/lib/presage/blobs }
- { name: tmp, mountPath: /tmp }
- { name: agent-tls, mountPath: /etc/presage/agent-tls, readOnly: true }
{{- if $v.postgres.caSecret }}
- { name: postgres-ca, mountPath: /etc/presage/postgres, readOnly: true }
{{- end }}
{{- if ne $component "agent" }}
{{- if $v.temporal.tls.existingSecret }}
- { name: temporal-tls, mountPath: /etc/presage/temporal, readOnly: true }
{{- end }}
{{- if $v.temporal.apiKey.existingSecret }}
- { name: temporal-api-key, mountPath: /etc/presage/temporal-api-key, readOnly: true }
{{- end }}
{{- end }}
{{- if and $v.redis.enabled $v.redis.caSecret (eq $component "gateway") }}
- { name: redis-ca, mountPath: /etc/presage/redis, readOnly: true }
{{- end }}
{{- end }}

{{/* What restarts pods: settings, and secrets that the chart makes keep. */}}
{{- define "presage.podAnnotations" -}}
{{- $root := index . 0 -}}
checksum/config: {{ include "presage.settings" $root | sha256sum }}
{{- with (index . 1) }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Where pods may and should run: (list $ .Values.gateway). */}}
{{- define "presage.scheduling" -}}
{{- $v := index . 1 -}}
{{- with $v.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $v.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $v.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $v.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- else }}
{{- if index . 2 }}
# Nodes without a tier are not the platform's; those whose functions are pods are looked after by pod agents.
affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: {{ index . 2 }}, operator: Exists }, { key: presage.dev/isolation, operator: NotIn, values: [pod] }] }] } } }
{{- end }}
{{- end }}
{{- end }}

{{- define "presage.spread" -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: { matchLabels: {{ include "presage.selector" $ | fromYaml | toJson }} }
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}

{{/* Probes of a process that serves them: (list PORT SCHEME). */}}
{{- define "presage.probes" -}}
{{- $get := printf "{ path: %%s, port: %s, scheme: %s }" (index . 0) (index . 1) -}}
startupProbe: { httpGet: {{ printf $get "/livez" }}, periodSeconds: 2, failureThreshold: 60 }
livenessProbe: { httpGet: {{ printf $get "/livez" }}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }
readinessProbe: { httpGet: {{ printf $get "/readyz" }}, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 }
{{- end }}

{{/* presage.yaml. */}}
{{- define "presage.settings" -}}
{{- $v := .Values -}}
{{- $s := dict
  "dataDir" "/var/lib/presage"
  "runDir" "/run/presage/run"
  "log" (dict "level" $v.logLevel)
  "cluster" "kubernetes"
  "kubernetes" (dict "tierLabel" $v.nodes.tierLabel "regionLabel" $v.nodes.regionLabel "agentPort" $v.agent.port)
  "health" (dict "host" "0.0.0.0" "port" 8090)
  "gateway" (dict "host" "0.0.0.0" "port" $v.gateway.port)
  "temporal" (dict "address" (include "presage.temporalAddress" .) "namespace" $v.temporal.namespace "taskQueue" $v.temporal.taskQueue)
  "secrets" (dict "keyFile" "/etc/presage/master-key/master.key")
-}}
{{- if $v.isolation.pod.enabled -}}
{{- $name := include "presage.fullname" . -}}
{{- $runtimes := include "presage.image" (list . $v.functions.runtimesImage) -}}
{{- $at := printf "%s-gateway.%s.svc" $name .Release.Namespace -}}
{{- $pods := dict
  "namespace" $v.functions.namespace
  "images" (dict "nodejs" $runtimes "python" $runtimes "http" $runtimes "fetch" $runtimes)
  "code" (dict "port" 7480 "url" (printf "http://%s-pod-agents.%s.svc:7480" $name .Release.Namespace))
  "gatewayUrl" (default (printf "%s://%s:%d" (ternary "https" "http" (ne $v.gateway.tls.existingSecret "")) $at (int $v.gateway.service.port)) $v.functions.gatewayUrl)
-}}
{{- with $v.functions.runtimeClass }}{{ $_ := set $pods "runtimeClass" . }}{{ end -}}
{{- $_ := set $s.kubernetes "pods" $pods -}}
{{- end -}}
{{- $objects := dict "enabled" $v.control.objects.enabled "namespaces" $v.control.watchNamespaces "home" .Release.Namespace -}}
{{- with $v.gateway.publicUrl }}{{ $_ := set $objects "publicUrl" . }}{{ end -}}
{{- $_ := set $s "objects" $objects -}}
{{- if $v.masterKey.previous.existingSecret }}{{ $_ := set $s.secrets "previousKeyFiles" (list "/etc/presage/master-key/previous.key") }}{{ end -}}
{{- if $v.gateway.tls.existingSecret }}{{ $_ := set $s.gateway "tls" (dict "cert" "/etc/presage/tls/tls.crt" "key" "/etc/presage/tls/tls.key") }}{{ end -}}
{{- if $v.temporal.tls.enabled -}}
{{- $tls := dict -}}
{{- if $v.temporal.tls.ca }}{{ $_ := set $tls "ca" "/etc/presage/temporal/ca.crt" }}{{ end -}}
{{- if $v.temporal.tls.clientCertificate }}{{ $_ := set $tls "cert" "/etc/presage/temporal/tls.crt" }}{{ $_ := set $tls "key" "/etc/presage/temporal/tls.key" }}{{ end -}}
{{- with $v.temporal.tls.serverName }}{{ $_ := set $tls "serverName" . }}{{ end -}}
{{- $_ := set $s.temporal "tls" $tls -}}
{{- end -}}
{{- if $v.temporal.apiKey.existingSecret }}{{ $_ := set $s.temporal "apiKeyFile" (printf "/etc/presage/temporal-api-key/%s" $v.temporal.apiKey.key) }}{{ end -}}
{{- with $v.temporal.versioning }}{{- if .enabled }}{{ $_ := set $s.temporal "versioning" (dict "enabled" true "deployment" .deployment "promote" .promote "drain" (printf "%ds" (int .drainSeconds))) }}{{ end }}{{ end -}}
{{- if $v.redis.enabled -}}
{{- $redis := dict "cluster" $v.redis.cluster "prefix" $v.redis.prefix -}}
{{- if $v.redis.caSecret }}{{ $_ := set $redis "caFile" (printf "/etc/presage/redis/%s" $v.redis.caKey) }}{{ end -}}
{{- $_ := set $s "redis" $redis -}}
{{- end -}}
{{- $agent := dict "sandbox" $v.agent.sandbox "images" $v.agent.images "tls" (dict "ca" "/etc/presage/agent-tls/ca.crt" "cert" "/etc/presage/agent-tls/tls.crt" "key" "/etc/presage/agent-tls/tls.key" "serverName" $v.agent.tls.serverName) -}}
{{- with $v.agent.memory }}{{ $_ := set $agent "memory" . }}{{ end -}}
{{- $_ := set $s "agent" $agent -}}
{{ toYaml (mustMergeOverwrite $s (deepCopy $v.config)) }}
{{- end }}

{{/* What must be said and is not: all at once. */}}
{{- define "presage.validate" -}}
{{- $v := .Values -}}
{{- $missing := list -}}
{{- if and (not $v.postgres.existingSecret) (not $v.trial.enabled) }}{{ $missing = append $missing "postgres.existingSecret: a secret with the database's URL" }}{{ end -}}
{{- if and (not $v.temporal.address) (not $v.trial.enabled) }}{{ $missing = append $missing "temporal.address: HOST:7233 of a Temporal server" }}{{ end -}}
{{- if not $v.secrets.generate -}}
{{- if not $v.masterKey.existingSecret }}{{ $missing = append $missing "masterKey.existingSecret: a secret with 64 hex digits (openssl rand -hex 32)" }}{{ end -}}
{{- if not $v.apiKey.existingSecret }}{{ $missing = append $missing "apiKey.existingSecret: a secret with the first API key" }}{{ end -}}
{{- if and (not $v.agent.tls.existingSecret) (not $v.agent.tls.certManager.issuerRef) }}{{ $missing = append $missing "agent.tls.existingSecret or agent.tls.certManager.issuerRef: the agents' certificates" }}{{ end -}}
{{- end -}}
{{- if and $v.trial.enabled (not $v.postgres.existingSecret) (not $v.secrets.generate) }}{{ $missing = append $missing "secrets.generate: the trial's database gets its password by it" }}{{ end -}}
{{- if and $v.redis.enabled (not $v.redis.existingSecret) }}{{ $missing = append $missing "redis.existingSecret: a secret with the URL of Redis" }}{{ end -}}
{{- if and $v.temporal.apiKey.existingSecret (not $v.temporal.tls.enabled) }}{{ $missing = append $missing "temporal.tls.enabled: an API key is not sent in the clear" }}{{ end -}}
{{- if and (or $v.temporal.tls.ca $v.temporal.tls.clientCertificate) (not $v.temporal.tls.existingSecret) }}{{ $missing = append $missing "temporal.tls.existingSecret: where the files are" }}{{ end -}}
{{- if and (not $v.isolation.agent.enabled) (not $v.isolation.pod.enabled) }}{{ $missing = append $missing "isolation.agent.enabled or isolation.pod.enabled: nothing would run functions" }}{{ end -}}
{{- if $missing }}{{ fail (printf "\n\nThe values have %d problem(s):\n  %s\n(to try the platform: deploy/chart/examples/kind.yaml)\n" (len $missing) (join "\n  " $missing)) }}{{ end -}}
{{- end }}
