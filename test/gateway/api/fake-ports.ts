import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { PlatformError } from '../../../core/error/platform-error';
import type { ImageStore } from '../../../drivers/image-store/image-store';
import type { AgentStats, ApiNode, JudgedCase, WorkflowStarter } from '../../../gateway/api/api-context';

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
  readonly judges = new Map<string, object>();
  /** What every case ends with; null: it is still running. */
  judgement: JudgedCase = { state: 'running', error: null, result: null };
  async startJudge(workflowId: string, input: object) {
    await this.ping();
    this.judges.set(workflowId, input);
  }
  async judged(workflowId: string) {
    return this.judges.has(workflowId) ? this.judgement : null;
  }
  async ping() {
    if (this.away) throw new PlatformError('unavailable', 'Temporal is away', { retryAfterSeconds: 5 });
  }
}

/** A node whose agent says what the test puts here. */
export class FakeNode implements ApiNode {
  readonly tier = 'central';
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
