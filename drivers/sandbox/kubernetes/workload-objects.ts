import type { Deployment } from 'kubernetes-types/apps/v1';
import type { Secret, Service } from 'kubernetes-types/core/v1';
import type { OwnerReference } from 'kubernetes-types/meta/v1';
import type { RunSpec } from '../../../core/function/run-spec';
import { platformEnvironment } from '../platform-environment';
import {
  CHECKPOINT_ANNOTATION,
  KEY_ANNOTATION,
  labelValue,
  NODE_LABEL,
  POD_LABELS,
  RUN_ANNOTATION,
  WORKLOAD_LABEL,
} from './pod-labels';

/** Where an instance listens in its pod. */
export const POD_PORT = 8080;
/** The container that is the instance. */
export const FUNCTION_CONTAINER = 'function';
/** Where pods find code and runtimes. */
const HOME = '/var/presage';
const CODE = `${HOME}/code`;
/** Written last into what a pod fetches: without it the rest is not whole. */
export const WHOLE_MARK = '.whole';
/** Key of the Secret that lets a pod fetch its code; the others are the function's own, by the name in its environment. */
export const CODE_TOKEN_KEY = 'presage.code-token';

const MEBIBYTE = 2 ** 20;
/** Of the cores that it may use: they are shared by whoever runs at the time, as on other nodes. */
const CPU_REQUEST_SHARE = 0.1;
const LEAST_HEAP_MIB = 32;
const HEAP_SHARE = 0.75;
const SCRATCH = '256Mi';
/** For what is in flight when a pod is told to go, beyond the function's own time. */
const GRACE_SECONDS = 5;
const FETCH = [
  'set -eo pipefail',
  'wget -q -O - --header "Authorization: Bearer $PRESAGE_CODE_TOKEN" "$PRESAGE_CODE_URL" | tar -x -C ' + HOME,
  `test -f ${HOME}/${WHOLE_MARK}`,
].join('\n');

/** Images that pods are made of. */
export interface PodImages {
  readonly nodejs: string;
  readonly python: string;
  /** For `runtime: http` with source code. */
  readonly http: string;
  /** Has sh, wget and tar: fetches the code. */
  readonly fetch: string;
}

/** What the operator says of all function pods. */
export interface PodSettings {
  readonly namespace: string;
  readonly images: PodImages;
  readonly dnsPolicy: 'ClusterFirst' | 'Default';
  /** Where pods fetch their code: the base of its URLs. */
  readonly codeUrl: string;
  /** Where functions reach the gateway; null where there is none. */
  readonly gatewayUrl: string | null;
  /** Runtime class of the pods; null: the cluster's default. */
  readonly runtimeClass: string | null;
  /**
   * User and group that functions run as. 0 keeps to no more than the `baseline` profile, and is for nodes whose root may not look
   * into processes of other users, as CRIU does.
   */
  readonly user: number;
  /** Annotations of the pods. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Toleration {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: string;
}

/** The node that a driver is bound to. */
export interface PodNode {
  readonly name: string;
  /** Of its own taints; those by which Kubernetes says that it is not well are not tolerated. */
  readonly tolerations: readonly Toleration[];
}

/** One revision on one node, from nothing or from one checkpoint. */
export interface WorkloadSpec {
  readonly name: string;
  readonly node: PodNode;
  readonly run: RunSpec;
  /** Of the container; for `runtime: http` with its program's place worked out. */
  readonly command: readonly string[] | null;
  /** Absolute path inside where an OCI image names one. */
  readonly workingDir: string | null;
  /** An image of the function's own: it brings its code. */
  readonly ownImage: string | null;
  /** Restored from this image instead. */
  readonly checkpointImage: string | null;
  readonly codeToken: string;
  /** Equal for workloads whose pods are alike; null where it is not known. */
  readonly key: string | null;
}

type Metadata = Readonly<Record<'name' | 'namespace', string>> & { readonly labels: Record<string, string> };

/** The Deployment; its pods begin with `replicas`. */
export function deploymentOf(spec: WorkloadSpec, settings: PodSettings, replicas: number): Deployment {
  const { run, name } = spec;
  const labels = labelsOf(spec);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...metadataOf(spec, settings),
      annotations: {
        [RUN_ANNOTATION]: JSON.stringify({ ...run, secretEnv: {} }),
        ...(spec.key === null ? {} : { [KEY_ANNOTATION]: spec.key }),
        ...(spec.checkpointImage === null ? {} : { [CHECKPOINT_ANNOTATION]: spec.checkpointImage }),
      },
    },
    spec: {
      replicas,
      revisionHistoryLimit: 0,
      // Pods of one workload are alike for ever: a new revision is another workload.
      selector: { matchLabels: { [WORKLOAD_LABEL]: name } },
      template: {
        metadata: { labels, annotations: { ...settings.annotations } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          dnsPolicy: settings.dnsPolicy,
          ...(settings.runtimeClass === null ? {} : { runtimeClassName: settings.runtimeClass }),
          terminationGracePeriodSeconds: Math.ceil(run.timeouts.totalMs / 1000) + GRACE_SECONDS,
          securityContext: {
            runAsNonRoot: settings.user !== 0,
            runAsUser: settings.user,
            runAsGroup: settings.user,
            fsGroup: settings.user,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          affinity: pinnedTo(spec.node.name),
          tolerations: spec.node.tolerations.map(({ key, value, effect }) =>
            value === undefined ? { key, operator: 'Exists', effect } : { key, operator: 'Equal', value, effect },
          ),
          volumes: [
            ...(spec.ownImage === null ? [{ name: 'code', emptyDir: {} }] : []),
            { name: 'scratch', emptyDir: { sizeLimit: SCRATCH } },
          ],
          initContainers: spec.ownImage === null ? [fetcherOf(spec, settings)] : [],
          containers: [containerOf(spec, settings)],
        },
      },
    },
  };
}

/** Headless: its EndpointSlices say which pods are ready. It goes with its Deployment. */
export function serviceOf(spec: WorkloadSpec, settings: PodSettings, ownerUid: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadataOf(spec, settings), ownerReferences: ownedBy(spec, ownerUid) },
    spec: {
      clusterIP: 'None',
      selector: { [WORKLOAD_LABEL]: spec.name },
      ports: [{ name: 'http', port: POD_PORT, targetPort: POD_PORT }],
    },
  };
}

/** Secrets of the function, which no pod spec shows, and what its pods fetch their code with. It goes with its Deployment. */
export function secretOf(spec: WorkloadSpec, settings: PodSettings, ownerUid: string): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...metadataOf(spec, settings), ownerReferences: ownedBy(spec, ownerUid) },
    type: 'Opaque',
    stringData: { ...spec.run.secretEnv, [CODE_TOKEN_KEY]: spec.codeToken },
  };
}

function metadataOf(spec: WorkloadSpec, { namespace }: PodSettings): Metadata {
  return { name: spec.name, namespace, labels: labelsOf(spec) };
}

function labelsOf({ name, node, run }: WorkloadSpec): Record<string, string> {
  return {
    ...POD_LABELS,
    [WORKLOAD_LABEL]: name,
    [NODE_LABEL]: labelValue(node.name),
    'presage.dev/tenant': labelValue(run.tenant),
    'presage.dev/function': labelValue(run.function),
    'presage.dev/revision': String(run.revision),
    'presage.dev/network': run.network,
  };
}

function ownedBy({ name }: WorkloadSpec, uid: string): OwnerReference[] {
  return [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: false }];
}

/** By its name and not by a label: the scheduler still looks whether it has room. */
function pinnedTo(node: string) {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } } };
}

const LOCKED_DOWN = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

function fetcherOf({ name, run }: WorkloadSpec, { images, codeUrl }: PodSettings) {
  const digest = run.codeDigest.replace(/^sha256:/, '');
  return {
    name: 'code',
    image: images.fetch,
    command: ['sh', '-c', FETCH],
    env: [
      { name: 'PRESAGE_CODE_URL', value: `${codeUrl}/${digest}` },
      { name: 'PRESAGE_CODE_TOKEN', valueFrom: { secretKeyRef: { name, key: CODE_TOKEN_KEY } } },
    ],
    securityContext: LOCKED_DOWN,
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '1', memory: '64Mi' } },
    volumeMounts: [{ name: 'code', mountPath: HOME }],
  };
}

function containerOf(spec: WorkloadSpec, settings: PodSettings) {
  const { run, workingDir, ownImage } = spec;
  const command = spec.command ?? commandOf(run);
  const memory = String(run.limits.memoryBytes);
  return {
    name: FUNCTION_CONTAINER,
    image: spec.checkpointImage ?? ownImage ?? settings.images[run.runtime],
    ...(command === null ? {} : { command: [...command] }),
    ...(ownImage === null ? { workingDir: CODE } : workingDir === null ? {} : { workingDir }),
    env: environmentOf(spec, settings),
    ports: [{ name: 'http', containerPort: POD_PORT }],
    readinessProbe: { ...probeOf(run), periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 3 },
    resources: {
      requests: { cpu: `${Math.max(1, Math.round(run.limits.cpuMillis * CPU_REQUEST_SHARE))}m`, memory },
      limits: { cpu: `${run.limits.cpuMillis}m`, memory },
    },
    securityContext: LOCKED_DOWN,
    volumeMounts: [
      ...(ownImage === null ? [{ name: 'code', mountPath: HOME, readOnly: true }] : []),
      { name: 'scratch', mountPath: '/tmp' },
    ],
  };
}

/** The shims answer for themselves; of other servers it is known that they listen, and what their manifest names. */
function probeOf(run: RunSpec) {
  const path = run.runtime === 'http' ? run.healthPath : '/_presage/health';
  return path === null ? { tcpSocket: { port: POD_PORT } } : { httpGet: { path, port: POD_PORT } };
}

function commandOf({ runtime, command, limits }: RunSpec): readonly string[] | null {
  if (runtime === 'http') return command;
  if (runtime === 'python') return ['python3', '-S', `${HOME}/runtimes/python/shim.py`];
  const heap = Math.max(LEAST_HEAP_MIB, Math.floor((limits.memoryBytes / MEBIBYTE) * HEAP_SHARE));
  return ['node', `--max-old-space-size=${heap}`, `${HOME}/runtimes/nodejs/shim.js`];
}

/** A program that lies in the function's own code, as its pod sees it. */
export function inPodCode(program: string): string {
  return `${CODE}/${program}`;
}

/**
 * No instance id: all pods of a workload are alike, and each learns its own with its first request. Secrets are named here and
 * shown nowhere.
 */
function environmentOf({ name, run }: WorkloadSpec, { gatewayUrl }: PodSettings) {
  const plain: Record<string, string> = {
    HOME: '/tmp',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    ...run.env,
    ...platformEnvironment('', run, gatewayUrl),
    PRESAGE_CODE: CODE,
    PORT: String(POD_PORT),
  };
  const secret = Object.keys(run.secretEnv).map((key) => ({ name: key, valueFrom: { secretKeyRef: { name, key } } }));
  const hidden = new Set(['PRESAGE_INSTANCE', ...secret.map((entry) => entry.name)]);
  return [
    ...Object.entries(plain)
      .filter(([key]) => !hidden.has(key))
      .map(([key, value]) => ({ name: key, value })),
    ...secret,
  ];
}
