import type { StoreLog } from '../../store/postgres/connection-pool';
import type { Database } from '../../store/postgres/database-schema';
import { claimsOf, LEASE_SECONDS } from './claims';
import { beat, buryDead, replacePredecessors, reviveForgotten } from './upkeep';

const BEAT_MS = 2_000;
const REVIVE_EVERY_MS = 15_000;

/**
 * Keeps the lease of one worker on all that it tries, breaks off what is no longer its own, and takes back what dead
 * workers hold. Who was itself cut off from the database judges nobody until a lease's length later: the others may have
 * been cut off as well.
 */
export class Heartbeat {
  #healthySince: number | null = null;
  #introduced = false;
  #revivedAt = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void>;

  /**
   * @param worker `replaces`: with it, whatever else is of this gateway is dead
   * @param running tries under way, by `id/try`
   */
  constructor(
    private readonly db: Database,
    private readonly worker: { readonly id: string; readonly gateway: string; readonly replaces: string | null },
    private readonly running: ReadonlyMap<string, AbortController>,
    private readonly log: StoreLog | undefined,
  ) {
    this.#beating = this.#beat();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#beating;
  }

  async #beat(): Promise<void> {
    try {
      const { id, gateway, replaces } = this.worker;
      await beat(this.db, id, gateway);
      this.#healthySince ??= performance.now();
      if (!this.#introduced && replaces !== null) await replacePredecessors(this.db, id, replaces);
      this.#introduced = true;
      await this.#dropLost();
      await this.#lookAfterOthers();
    } catch (error) {
      if (this.#healthySince !== null) this.log?.warn({ err: error }, 'The lease on asynchronous tries is not renewed');
      this.#healthySince = null;
    }
    if (!this.#stopped) this.#timer = setTimeout(() => (this.#beating = this.#beat()), BEAT_MS);
  }

  /** A cancelled try, or one that another gateway has taken over. */
  async #dropLost(): Promise<void> {
    const before = [...this.running];
    if (before.length === 0) return;
    const ours = await claimsOf(this.db, this.worker.id);
    for (const [key, controller] of before) if (!ours.has(key)) controller.abort();
  }

  async #lookAfterOthers(): Promise<void> {
    const now = performance.now();
    if (this.#healthySince === null || now - this.#healthySince < LEASE_SECONDS * 1000) return;
    const dead = await buryDead(this.db);
    if (dead > 0) this.log?.warn({ workers: dead }, 'Gateways are gone; what they tried is tried anew');
    if (now - this.#revivedAt < REVIVE_EVERY_MS) return;
    this.#revivedAt = now;
    const revived = await reviveForgotten(this.db);
    if (revived > 0) this.log?.warn({ invocations: revived }, 'Asynchronous invocations had lost their wake-up');
  }
}
