import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1';
import { WORKLOAD_LABEL } from './pod-labels';
import { FUNCTION_CONTAINER } from './workload-objects';

/** How the container of an instance ended. */
export interface PodExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
}

/** A pod of ours as the last event about it says; what its EndpointSlice says is kept apart. */
export interface PodState {
  readonly uid: string;
  readonly name: string;
  readonly workload: string;
  /** It has been told to go. */
  readonly terminating: boolean;
  /** Its container has ended once, even if the kubelet has started another since: whatever it knew is lost. */
  readonly exit: PodExit | null;
  /** Why it cannot start; null while it may. */
  readonly failure: string | null;
}

/** Words of the kubelet by which it says that it will only ever try again. */
const HOPELESS = new Set([
  'CrashLoopBackOff',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerError',
  'RunContainerError',
]);
const SIGNAL_BASE = 128;

/** Reads a pod. Null for one that is none of ours. */
export function podStateOf(pod: Pod): PodState | null {
  const { uid, name, labels, deletionTimestamp } = pod.metadata ?? {};
  const workload = labels?.[WORKLOAD_LABEL];
  if (uid === undefined || name === undefined || workload === undefined) return null;
  const status = pod.status;
  const own = status?.containerStatuses?.find((each) => each.name === FUNCTION_CONTAINER);
  return {
    uid,
    name,
    workload,
    terminating: deletionTimestamp !== undefined,
    exit: own ? exitOf(own) : null,
    failure: failureOf(pod, own),
  };
}

function exitOf({ state, lastState, restartCount }: ContainerStatus): PodExit | null {
  const ended = state?.terminated ?? lastState?.terminated;
  if (!ended) return restartCount > 0 ? { code: null, signal: null, outOfMemory: false } : null;
  const { exitCode, reason } = ended;
  const number = ended.signal ?? (exitCode > SIGNAL_BASE ? exitCode - SIGNAL_BASE : 0);
  return {
    code: number > 0 ? null : exitCode,
    signal: number > 0 ? (SIGNAL_NAMES[number] ?? `signal ${number}`) : null,
    outOfMemory: reason === 'OOMKilled',
  };
}

const SIGNAL_NAMES: Readonly<Record<number, string>> = {
  2: 'SIGINT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

function failureOf({ status }: Pod, own: ContainerStatus | undefined): string | null {
  if (status?.phase === 'Failed') {
    return `its pod failed: ${status.message ?? status.reason ?? 'nothing says why'}`;
  }
  for (const { state, lastState, name } of [...(status?.initContainerStatuses ?? []), ...(own ? [own] : [])]) {
    const waiting = state?.waiting;
    if (waiting?.reason === undefined || !HOPELESS.has(waiting.reason)) continue;
    const ended = lastState?.terminated;
    const why = ended ? `it exited with code ${ended.exitCode}` : (waiting.message ?? waiting.reason);
    const what = name === FUNCTION_CONTAINER ? 'its container' : `the container "${name}" that prepares it`;
    return `${what} cannot run (${waiting.reason}): ${why}`;
  }
  return null;
}
