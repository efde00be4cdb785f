import { Worker } from 'node:worker_threads';
import { PlatformError } from '../../../core/error/platform-error';
import type { EngineName } from '../../../core/forecast/training/training-engine';
import { EPOCHS } from '../../../core/forecast/training/train-epoch';
import { assetPath } from '../../asset-path';
import type { Trainer, Verdict } from '../trainer';
import { UNPREPARED, type TrainingJob, type TrainingOutcome } from './training-job';

type Said = { readonly line: string } | (TrainingOutcome & { readonly id: number });

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Trains in one thread of its own, which starts when it is first needed; jobs that come meanwhile wait. */
export class ThreadTrainer implements Trainer {
  readonly epochs = EPOCHS;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #jobs = 0;
  #closed = false;

  /** @param log is told which engine trains */
  constructor(
    private readonly engine: EngineName = 'own',
    private readonly log: (line: string) => void = () => undefined,
  ) {}

  async train({ set, state, functions }: Parameters<Trainer['train']>[0]): Promise<Uint8Array> {
    for (;;) {
      const next = await this.#run<Uint8Array | typeof UNPREPARED>({ kind: 'train', set, state, engine: this.engine });
      if (next !== UNPREPARED) return next;
      await this.#run({ kind: 'prepare', set, functions: await functions() });
    }
  }

  finish({ state, functions }: Parameters<Trainer['finish']>[0]): Promise<Uint8Array> {
    return this.#run({ kind: 'finish', state, functions });
  }

  validate({ history, model, network }: Parameters<Trainer['validate']>[0]): Promise<Verdict> {
    return this.#run({ kind: 'validate', history, model, network });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
    this.#fail('Training has been ended');
  }

  #run<T>(job: TrainingJob): Promise<T> {
    if (this.#closed) return Promise.reject(new PlatformError('unavailable', 'Training has been ended'));
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    const id = ++this.#jobs;
    const done = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    worker.postMessage({ id, job });
    return done as Promise<T>;
  }

  #start(): Worker {
    const worker = new Worker(assetPath('drivers/trainer/thread/training-worker.js'), {
      workerData: { module: require.resolve('./training-job') },
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
      this.#fail('The training thread ended before its work was done');
    });
    return worker;
  }

  #fail(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new PlatformError('unavailable', reason));
    this.#waiting.clear();
  }
}
