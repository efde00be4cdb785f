import { randomUUID } from 'node:crypto';
import { parseManifest, type Manifest } from '../../../core/function/manifest';
import type { EventRecord, InstanceRecord, InvocationRecord, LogRecord, Store } from '../../../drivers/store/store';

/** A tenant of its own for each test, so that tests of one store do not see each other. */
export async function newTenant(store: Store): Promise<string> {
  const { name } = await store.ensureTenant(`t-${randomUUID().slice(0, 8)}`);
  return name;
}

export function sampleManifest(name = 'hello', labels: Record<string, string> = {}): Manifest {
  return parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name, labels },
    spec: { runtime: 'nodejs', handler: 'index.handler' },
  });
}

/** A new revision of `name`, made out of `digest`. */
export function deployRevision(store: Store, tenant: string, name = 'hello', digest = `sha256:${randomUUID()}`) {
  return store.createRevision({
    tenant,
    manifest: sampleManifest(name),
    digest,
    codeDigest: 'sha256:code',
    codeKind: 'layer',
  });
}

export function sampleInvocation(change: Partial<InvocationRecord> = {}): InvocationRecord {
  return {
    id: randomUUID(),
    at: new Date('2026-03-04T05:06:07.089Z'),
    tenant: 'default',
    functionId: 'fn',
    function: 'hello',
    revision: 1,
    node: 'local',
    instanceId: 'i1',
    method: 'GET',
    path: '/',
    status: 200,
    errorCode: null,
    kind: 'hot',
    cause: null,
    queueMs: 0.25,
    startMs: 0,
    executeMs: 2.5,
    totalMs: 2.75,
    firstByteMs: 2.6,
    phases: { routeMs: 0.125 },
    cpuMicros: 900,
    memoryByteMs: 1.5e9,
    bytesIn: 0,
    bytesOut: 5_000_000_000,
    traceId: null,
    attempt: null,
    ...change,
  };
}

export function sampleLog(change: Partial<LogRecord> = {}): LogRecord {
  return {
    at: new Date(),
    tenant: 'default',
    function: 'hello',
    revision: 1,
    node: 'local',
    instanceId: 'i1',
    invocationId: null,
    stream: 'stdout',
    text: 'a line',
    ...change,
  };
}

export function sampleEvent(change: Partial<EventRecord> = {}): Omit<EventRecord, 'id'> {
  return {
    at: new Date(),
    tenant: 'default',
    type: 'instance.started',
    function: null,
    node: null,
    data: {},
    ...change,
  };
}

export function sampleInstance(change: Partial<InstanceRecord> = {}): InstanceRecord {
  return {
    id: randomUUID(),
    tenant: 'default',
    function: 'hello',
    revision: 1,
    node: 'local',
    state: 'idle',
    kind: 'cold',
    startedAt: new Date(),
    endedAt: null,
    reason: null,
    ...change,
  };
}
