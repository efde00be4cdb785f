import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DrainNodeInput, OptimizePlacementInput } from '../../../core/control/workflow-inputs';
import { PlatformError } from '../../../core/error/platform-error';
import type { ImageStore } from '../../../drivers/image-store/image-store';
import type {
  AgentStats,
  ApiNode,
  JudgedCase,
  ListedSchedule,
  ListedWorkflow,
  WorkflowFilter,
  WorkflowStarter,
} from '../../../gateway/api/api-context';

/** Blobs in memory; what breaks off or is too long is not kept. */
export class FakeImages implements ImageStore {
  readonly blobs = new Map<string, Buffer>();
  /** Set to make every put fail. */
  failure: Error | undefined;
  /** What still fits on the disk, in bytes. */
  room = Infinity;

  async put(content: Readable, options: { maxBytes?: number } = {}) {
    if (this.failure) throw this.failure;
    const chunks: Buffer[] = [];
    let left = this.room;
    for await (const chunk of content as AsyncIterable<Buffer>) {
      if ((left -= chunk.length) < 0) throw new PlatformError('storage_full', 'The disk is full');
      chunks.push(chunk);
    }
    const bytes = Buffer.concat(chunks);
    if (bytes.length > (options.maxBytes ?? Infinity)) throw new PlatformError('payload_too_large', 'too large');
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    this.blobs.set(digest, bytes);
    return { digest, bytes: bytes.length };
  }
  async open(digest: string) {
    return Readable.from([this.blobs.get(digest) ?? Buffer.alloc(0)]);
  }
  async stat(digest: string) {
    const blob = this.blobs.get(digest);
    return blob ? { digest, bytes: blob.length } : null;
  }
  async delete(digest: string) {
    this.blobs.delete(digest);
  }
  async *list() {
    for (const [digest, blob] of this.blobs) yield { digest, bytes: blob.length };
  }
}

/** Remembers what was started; `away` makes it fail as a lost server does. */
export class FakeWorkflows implements WorkflowStarter {
  readonly deploys: Parameters<WorkflowStarter['startDeploy']>[0][] = [];
  readonly checkpoints: Parameters<WorkflowStarter['startCheckpoint']>[0][] = [];
  readonly retrains: Parameters<WorkflowStarter['startRetrain']>[0][] = [];
  away = false;
  /** Spans from which what was started went on. */
  readonly within = (traceparent: string | undefined): this => {
    if (traceparent !== undefined) this.traceparents.push(traceparent);
    return this;
  };
  readonly traceparents: string[] = [];

  async startDeploy(input: Parameters<WorkflowStarter['startDeploy']>[0]) {
    await this.ping();
    this.deploys.push(input);
  }
  async startCheckpoint(input: Parameters<WorkflowStarter['startCheckpoint']>[0]) {
    await this.ping();
    this.checkpoints.push(input);
    return { workflowId: `checkpoint/${input.tenant}/${input.function}/${input.revision}` };
  }
  async startRetrain(input: Parameters<WorkflowStarter['startRetrain']>[0]) {
    await this.ping();
    this.retrains.push(input);
    return { workflowId: `retrain/${input.tenant}` };
  }
  readonly drains: DrainNodeInput[] = [];
  async startDrain(input: DrainNodeInput) {
    await this.ping();
    this.drains.push(input);
    return { workflowId: `drain/${input.node}` };
  }
  readonly judges = new Map<string, object>();
  /** What every case ends with; null: it is still running. */
  judgement: JudgedCase = { state: 'running', error: null, result: null };
  async startJudge(workflowId: string, input: object) {
    await this.ping();
    this.judges.set(workflowId, input);
  }
  async startLedgerCheck(workflowId: string, input: object) {
    await this.ping();
    this.judges.set(workflowId, input);
  }
  readonly plans = new Map<string, object>();
  async startPlan(workflowId: string, input: OptimizePlacementInput) {
    await this.ping();
    this.plans.set(workflowId, input);
  }
  readonly searches = new Map<string, object>();
  async startAdvise(workflowId: string, input: object) {
    await this.ping();
    this.searches.set(workflowId, input);
  }
  readonly applied = new Map<string, object>();
  async startApplyAdvice(workflowId: string, input: object) {
    await this.ping();
    this.applied.set(workflowId, input);
  }
  async signalAdvice(workflowId: string, signal: string, reason: string) {
    await this.ping();
    this.signals.push(`${signal} ${reason}`);
    return this.applied.has(workflowId);
  }
  async judged(workflowId: string) {
    const known = [this.judges, this.plans, this.searches].some((started) => started.has(workflowId));
    return known ? this.judgement : null;
  }
  readonly enforced: string[] = [];
  async startEnforce(tenant: string) {
    await this.ping();
    this.enforced.push(tenant);
  }
  readonly migrations = new Map<string, Parameters<WorkflowStarter['startMigration']>[1]>();
  readonly signals: string[] = [];
  async startMigration(workflowId: string, input: Parameters<WorkflowStarter['startMigration']>[1]) {
    await this.ping();
    if (this.migrations.has(workflowId)) throw new PlatformError('conflict', `${workflowId} runs already`);
    this.migrations.set(workflowId, input);
  }
  async signalMigration(workflowId: string, signal: string, reason?: string) {
    await this.ping();
    this.signals.push([signal, ...(reason === undefined ? [] : [reason])].join(' '));
    return this.migrations.has(workflowId);
  }
  /** What Temporal knows of, the newest first. */
  listed: ListedWorkflow[] = [];
  async list({ limit, running, type, prefix }: WorkflowFilter) {
    await this.ping();
    return this.listed
      .filter(({ state }) => !running || state === 'running')
      .filter((run) => type === undefined || run.type === type)
      .filter(({ workflowId }) => workflowId.startsWith(prefix ?? ''))
      .slice(0, limit);
  }
  recurring: ListedSchedule[] = [];
  async schedules() {
    await this.ping();
    return this.recurring;
  }
  async ping() {
    if (this.away) throw new PlatformError('unavailable', 'Temporal is away', { retryAfterSeconds: 5 });
  }
}

/** A node whose agent says what the test puts here. */
export class FakeNode implements ApiNode {
  readonly tier = 'central';
  readonly region = 'local';
  readonly labels = {};
  state: ApiNode['state'] = 'ready';
  readonly retired: { revisionId: string; reason: string }[] = [];
  calls = 0;
  away = false;
  report: AgentStats = {
    driver: 'simulated',
    memoryCapacityBytes: 1000,
    memoryCommittedBytes: 300,
    starting: 1,
    waiting: 2,
    draining: false,
    instances: [],
    checkpoints: [],
    startsTotal: { hot: 5, warm: 2, restore: 1, cold: 1 },
    failuresTotal: { restore_failed: 1 },
    heldGbSeconds: { running: 1.5, frozen: 20 },
    pingsTotal: { ok: 3, failed: 0 },
  };

  constructor(readonly name = 'local') {}

  readonly agent = {
    stats: async () => {
      this.calls++;
      if (this.away) throw new PlatformError('unavailable', 'no agent');
      return this.report;
    },
    retire: async (request: { revisionId: string; reason: string; deadlineMs: number }) => {
      if (this.away) throw new PlatformError('unavailable', 'no agent');
      this.retired.push(request);
      return { ended: 1, left: 0 };
    },
  };
}

/** Reads to the end; an archive that begins with `evil` is refused. `oci` at the start makes it an image. */
export async function fakeValidateArchive(archive: Readable): Promise<{ kind: 'layer' | 'oci' }> {
  const text = (await buffer(archive)).toString('latin1');
  if (text.startsWith('evil')) {
    throw new PlatformError('invalid_archive', 'The entry ../../etc/passwd points outside', {
      problems: [{ path: '../../etc/passwd', message: 'points outside' }],
    });
  }
  return { kind: text.startsWith('oci') ? 'oci' : 'layer' };
}
