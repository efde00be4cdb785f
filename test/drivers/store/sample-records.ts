import { randomUUID } from 'node:crypto';
import type { PriceBook } from '../../../core/cost/price-book';
import { InvocationPacker } from '../../../core/record/invocation-packer';
import { parseManifest, type Manifest } from '../../../core/function/manifest';
import type {
  EventRecord,
  InstanceRecord,
  InvocationBatch,
  InvocationRecord,
  LogRecord,
  Store,
} from '../../../drivers/store/store';

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

/** An id as the gateway gives them to calls that come at this time. */
export function sampleId(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** Invocations as gateways hand them over; without prices they cost nothing. */
export function packed(records: readonly InvocationRecord[], prices?: PriceBook): InvocationBatch {
  const packer = new InvocationPacker(randomUUID, prices);
  for (const record of records) packer.add(record);
  return packer.seal();
}

/** An ordinary one, unless it is changed. */
export function sampleInvocation(change: Partial<InvocationRecord> = {}): InvocationRecord {
  const at = change.at ?? new Date('2026-03-04T05:06:07.089Z');
  return {
    id: sampleId(at),
    at,
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
    phases: { admit: 0.125, firstByte: 2.25, body: 0.15 },
    cpuMicros: 900,
    memoryByteMs: 1.5e9,
    bytesIn: 0,
    bytesOut: 5_000_000_000,
    traceId: null,
    attempt: null,
    userRegion: null,
    callerId: null,
    caller: null,
    pricing: null,
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
