import { randomBytes } from 'node:crypto';
import { NO_LOOKS, withLook, type MemoryLooks } from '../../core/cost/advice/memory-looks';
import type { SandboxDriver } from '../../drivers/sandbox/sandbox';
import type { MemoryHour } from '../../drivers/store/advice-store';
import type { AgentLog } from '../agent-log';
import type { Instance } from '../instance/instance';
import type { AgentRecordSink } from '../record/record-batcher';

const HOUR_MS = 3_600_000;
const [LOOK_MS, WRITE_MS] = [5_000, 60_000] as const;
/** A peak so near to the limit is page cache, which the kernel lets grow until there is no more room: looks say better. */
const CACHE_SHARE = 0.95;
/** States in which an instance's memory says something: it has started and may work. */
const LOOKED_AT = new Set(['idle', 'leased', 'frozen', 'freezing']);

export interface MemoryWatchOptions {
  readonly node: string;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly driver: Pick<SandboxDriver, 'stats'>;
  readonly sink: Pick<AgentRecordSink, 'writeMemoryHours'>;
  readonly log: AgentLog;
  readonly lookMs?: number;
  readonly writeMs?: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/**
 * Looks at what instances use of their memory, and tells the store once a minute what was seen in the hour so far. What the store
 * has of an hour is replaced, so that a write that fails is made good by the next.
 */
export class MemoryWatch {
  /** Of this agent's run: another one has not seen what this one has. */
  readonly #incarnation = randomBytes(6).toString('hex');
  readonly #options: Required<MemoryWatchOptions>;
  readonly #timers: readonly NodeJS.Timeout[];
  /** By revision and begin of the hour. */
  readonly #hours = new Map<string, MemoryHour>();
  readonly #unwritten = new Set<string>();
  #looking: Promise<void> | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: MemoryWatchOptions) {
    this.#options = { lookMs: LOOK_MS, writeMs: WRITE_MS, now: () => Date.now(), ...options };
    const { lookMs, writeMs } = this.#options;
    this.#timers = [
      setInterval(() => (this.#looking ??= this.#look().finally(() => (this.#looking = undefined))), lookMs).unref(),
      setInterval(() => (this.#writing ??= this.#write().finally(() => (this.#writing = undefined))), writeMs).unref(),
    ];
  }

  /** Writes what is left, trying once. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#looking, this.#writing]);
    await this.#write();
  }

  async #look(): Promise<void> {
    const { instances, driver, now } = this.#options;
    for (const instance of [...instances.values()]) {
      if (!LOOKED_AT.has(instance.state)) continue;
      try {
        const { memoryBytes, peakBytes } = await driver.stats(instance.id);
        if (memoryBytes > 0) this.#saw(instance, memoryBytes, peakBytes, now());
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  #saw({ run, memoryBytes: limit }: Instance, bytes: number, peak: number | undefined, at: number): void {
    const hour = new Date(Math.floor(at / HOUR_MS) * HOUR_MS);
    const key = `${run.revisionId} ${hour.getTime()}`;
    const known = this.#hours.get(key);
    const looks: MemoryLooks = known?.looks ?? NO_LOOKS;
    const held = peak !== undefined && peak < CACHE_SHARE * limit ? peak : bytes;
    this.#hours.set(key, {
      revisionId: run.revisionId,
      hour,
      node: this.#options.node,
      incarnation: this.#incarnation,
      looks: withLook(looks, bytes, held),
    });
    this.#unwritten.add(key);
  }

  async #write(): Promise<void> {
    const keys = [...this.#unwritten];
    const batch = keys.flatMap((key) => this.#hours.get(key) ?? []);
    if (batch.length === 0) return;
    this.#unwritten.clear();
    try {
      await this.#options.sink.writeMemoryHours(batch);
    } catch (error) {
      for (const key of keys) this.#unwritten.add(key);
      this.#options.log.warn({ error: String(error) }, 'the store refused what was seen of memory; it is kept');
    }
    const oldest = this.#options.now() - 2 * HOUR_MS;
    for (const [key, { hour }] of this.#hours) {
      if (hour.getTime() < oldest && !this.#unwritten.has(key)) this.#hours.delete(key);
    }
  }
}
