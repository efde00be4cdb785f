import type { AsyncQueue } from '../../drivers/async-queue/async-queue';
import type { ImageStore } from '../../drivers/image-store/image-store';
import type { Store } from '../../drivers/store/store';

const CRON_MS = 1_000;
const SYNC_MS = 60_000;
const FORGET_MS = 30_000;
/** A body is an orphan when nothing has referred to it for this long; no request takes as long to be taken in. */
const ORPHAN_MS = 3_600_000;

export interface AsyncUpkeepContext {
  readonly queue: Pick<AsyncQueue, 'syncCron' | 'fireCron' | 'forget' | 'unreferenced'>;
  readonly store: Pick<Store, 'subscribe'>;
  readonly images: Pick<ImageStore, 'list' | 'delete'>;
  readonly now: () => Date;
  readonly log: { warn(fields: object, message: string): void };
}

/** What has to be done from time to time; every gateway does it, the database sees to it that once is enough. */
export class AsyncUpkeep {
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #busy = new Map<string, Promise<void>>();
  #away = false;
  #unsubscribe: (() => Promise<void>) | undefined;
  #suspects: ReadonlySet<string> = new Set();

  constructor(private readonly context: AsyncUpkeepContext) {}

  /** Starts the rounds. Never rejects: what fails is done the next time. */
  async start(): Promise<void> {
    const sync = this.#round('sync', SYNC_MS, (now) => this.context.queue.syncCron(now));
    this.#round('cron', CRON_MS, (now) => this.#fire(now));
    this.#round('forget', FORGET_MS, (now) => this.#forget(now));
    this.#round('orphans', ORPHAN_MS, () => this.#dropOrphans());
    this.#unsubscribe = await this.context.store.subscribe('routes', sync);
  }

  async stop(): Promise<void> {
    this.#timers.forEach(clearInterval);
    await this.#unsubscribe?.();
    await Promise.all(this.#busy.values());
  }

  #round(name: string, everyMs: number, work: (now: Date) => Promise<void>): () => void {
    let again = false;
    const go = (): void => {
      if (this.#busy.has(name)) {
        again = true;
        return;
      }
      const done = this.#guarded(name, work).then(() => {
        this.#busy.delete(name);
        if (again) {
          again = false;
          go();
        }
      });
      this.#busy.set(name, done);
    };
    const timer = setInterval(go, everyMs);
    timer.unref();
    this.#timers.push(timer);
    go();
    return go;
  }

  async #guarded(name: string, work: (now: Date) => Promise<void>): Promise<void> {
    try {
      await work(this.context.now());
      this.#away = false;
    } catch (error) {
      // One word for each time the database goes away, not one each second.
      if (!this.#away) this.context.log.warn({ err: error, round: name }, 'Upkeep of asynchronous invocations waits');
      this.#away = true;
    }
  }

  async #fire(now: Date): Promise<void> {
    while ((await this.context.queue.fireCron(now)) > 0);
  }

  async #forget(now: Date): Promise<void> {
    while ((await this.context.queue.forget(now, (digest) => this.context.images.delete(digest))) > 0);
  }

  /** Bodies whose acceptance broke off: twice seen without a row, an hour apart. */
  async #dropOrphans(): Promise<void> {
    const all: string[] = [];
    for await (const { digest } of this.context.images.list()) all.push(digest);
    const unused = await this.context.queue.unreferenced(all);
    for (const digest of unused) if (this.#suspects.has(digest)) await this.context.images.delete(digest);
    this.#suspects = new Set(unused);
  }
}
