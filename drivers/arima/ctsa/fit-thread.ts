import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { assetPath } from '../../asset-path';

export interface FitTask {
  readonly series: Float64Array;
  readonly p: number;
  readonly d: number;
  readonly horizon: number;
}

const numbers = z.array(z.number());
const fitSchema = z.object({ forecast: numbers, constant: z.number(), coefficients: numbers });
/** What the package says of a scaled series. */
export type RawFit = z.infer<typeof fitSchema>;

const WORKER = 'drivers/arima/ctsa/arima-worker.js';

/** One thread for the package, started when it is first needed. Tasks come one after the other. */
export class FitThread {
  #worker: Worker | null = null;

  constructor(
    private readonly limitMs: number,
    private readonly entry = assetPath(WORKER),
  ) {}

  /** Null when the task failed, gave no finite numbers, or took longer than the limit; the thread is replaced when it hung or died. */
  async run(task: FitTask): Promise<RawFit | null> {
    const worker = (this.#worker ??= this.#spawn());
    worker.ref();
    const answer = await new Promise<unknown>((resolve) => {
      const timer = setTimeout(() => done(null), this.limitMs);
      const done = (message: unknown): void => {
        clearTimeout(timer);
        worker.off('message', done).off('exit', died);
        if (message === null) void this.end();
        resolve(message);
      };
      const died = (): void => done(null);
      worker.on('message', done).on('exit', died);
      worker.postMessage(task);
    });
    worker.unref();
    const fit = fitSchema.safeParse(answer);
    return fit.success ? fit.data : null;
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #spawn(): Worker {
    // The package prints warnings of its own: they are nobody's output.
    const worker = new Worker(this.entry, { stdout: true, stderr: true });
    worker.stdout.resume();
    worker.stderr.resume();
    // Its exit follows, which is what the task waits for.
    worker.on('error', () => undefined);
    return worker;
  }
}
