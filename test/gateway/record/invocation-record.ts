import type { InvocationRecord } from '../../../drivers/store/store';

/** A plausible record with what a test cares about. */
export function recordOf(part: Partial<InvocationRecord>): InvocationRecord {
  return {
    id: 'id',
    at: new Date(0),
    tenant: 'acme',
    functionId: 'f-id',
    function: 'f',
    revision: 1,
    node: 'local',
    instanceId: 'i1',
    method: 'GET',
    path: '/',
    status: 200,
    errorCode: null,
    kind: 'hot',
    cause: null,
    queueMs: 1,
    startMs: 0,
    executeMs: 9,
    totalMs: 10,
    firstByteMs: 9,
    phases: {},
    cpuMicros: null,
    memoryByteMs: 1,
    bytesIn: 0,
    bytesOut: 2,
    traceId: null,
    attempt: null,
    userRegion: null,
    callerId: null,
    caller: null,
    pricing: null,
    ...part,
  };
}
