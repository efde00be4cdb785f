import { MessageChannel, Worker } from 'node:worker_threads';
import { PlatformError } from '../../core/error/platform-error';
import { assetPath } from '../../drivers/asset-path';
import { ChunkPort } from './chunk-port';
import type { OpenJob } from './open-image';
import type { SealJob } from './seal-image';
import type { ImageJob } from './seal-job';

/** Seals and opens images in a few worker threads, so that the agent's event loop stays free. */
export class SealPool {
  private readonly idle: Worker[] = [];
  private readonly all = new Set<Worker>();
  private readonly waiting: (() => void)[] = [];
  private closed = false;

  /** Threads start when they are first needed. */
  constructor(private readonly threads: number) {}

  /** The sealed form, piece by piece; the thread runs ahead by a few pieces. */
  async *seal(job: SealJob): AsyncGenerator<Buffer> {
    const port = await this.start({ kind: 'seal', job });
    try {
      yield* port.chunks();
      await port.outcome();
    } finally {
      port.close();
    }
  }

  /** Verifies what `source` gives and writes the files to the job's folder. */
  async open(job: OpenJob, source: AsyncIterable<Buffer>): Promise<void> {
    const port = await this.start({ kind: 'open', job });
    try {
      // A refusal ends the sending too: the port then fails with it.
      for await (const chunk of source) await port.send(chunk);
      port.end();
      await port.outcome();
    } finally {
      port.close();
    }
  }

  /** Ends the threads; what runs fails with `unavailable`. */
  async close(): Promise<void> {
    this.closed = true;
    for (const resolve of this.waiting.splice(0)) resolve();
    await Promise.all([...this.all].map((worker) => worker.terminate()));
  }

  private async start(task: ImageJob): Promise<ChunkPort> {
    while (this.idle.length === 0 && this.all.size >= this.threads && !this.closed) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    if (this.closed) throw new PlatformError('unavailable', 'The agent is stopping');
    const worker = this.idle.pop() ?? this.spawn();
    const { port1, port2 } = new MessageChannel();
    worker.ref();
    worker.postMessage({ job: { task, port: port2 } }, [port2]);
    return new ChunkPort(port1);
  }

  private spawn(): Worker {
    const worker = new Worker(assetPath('drivers/thread/job-worker.js'), {
      workerData: { module: require.resolve('./seal-job') },
    });
    this.all.add(worker);
    worker.on('message', () => {
      worker.unref();
      this.idle.push(worker);
      this.waiting.shift()?.();
    });
    // A thread that cannot go on ends; its port closes, which fails its job. The next job gets a new one.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.all.delete(worker);
      if (this.idle.includes(worker)) this.idle.splice(this.idle.indexOf(worker), 1);
      this.waiting.shift()?.();
    });
    return worker;
  }
}
