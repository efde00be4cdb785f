import { Worker, type ResourceLimits } from 'node:worker_threads';
import { PlatformError, type ErrorCode } from '../../core/error/platform-error';
import { assetPath } from '../asset-path';

/** What became of a job: its value, or the failure that its caller is told. */
export type JobOutcome =
  { readonly value: unknown } | { readonly error: { readonly code: ErrorCode; readonly message: string } };

type Said = { readonly line: string } | (JobOutcome & { readonly id: number });

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One thread for long arithmetic, which starts when it is first needed; jobs that come meanwhile wait. */
export class JobThread<Job> {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #jobs = 0;
  #closed = false;

  /**
   * @param module of which `runJob(job, log)` does a job, and never throws
   * @param work what it does, for messages, e.g. `Training`
   * @param log is told what the thread says
   * @param resourceLimits of its heap
   */
  constructor(
    private readonly module: string,
    private readonly work: string,
    private readonly log: (line: string) => void = () => undefined,
    private readonly resourceLimits: ResourceLimits = {},
  ) {}

  /** @throws PlatformError of the job; `unavailable` when the thread ended before it was done */
  run<T>(job: Job): Promise<T> {
    if (this.#closed) return Promise.reject(new PlatformError('unavailable', `${this.work} has been ended`));
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    const id = ++this.#jobs;
    const done = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    worker.postMessage({ id, job });
    return done as Promise<T>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
    this.#fail(`${this.work} has been ended`);
  }

  #start(): Worker {
    const worker = new Worker(assetPath('drivers/thread/job-worker.js'), {
      workerData: { module: this.module },
      resourceLimits: this.resourceLimits,
    });
    worker.on('message', (said: Said) => {
      if ('line' in said) return this.log(said.line);
      const { id, ...outcome } = said;
      const job = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
      if ('error' in outcome) job?.reject(new PlatformError(outcome.error.code, outcome.error.message));
      else job?.resolve(outcome.value);
    });
    // A thread that cannot go on ends, and the next job gets a new one.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#fail(`The thread ended before its work was done (${this.work})`);
    });
    return worker;
  }

  #fail(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new PlatformError('unavailable', reason));
    this.#waiting.clear();
  }
}
