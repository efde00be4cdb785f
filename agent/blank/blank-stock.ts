import { randomBytes } from 'node:crypto';
import { isPlatformError } from '../../core/error/platform-error';
import type { RunSpec } from '../../core/function/run-spec';
import { fitsBlank } from '../../core/start/fits-blank';
import {
  BLANK_KINDS,
  BLANK_LIMITS,
  type BlankKind,
  type BlankRuntime,
  type BlankSandbox,
} from '../../drivers/sandbox/blank';
import type { SandboxDriver } from '../../drivers/sandbox/sandbox';
import type { AgentLog } from '../agent-log';
import type { HeldMeter } from '../held/held-meter';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import type { StartGate } from '../../core/agent/start-gate';

export interface BlankStockOptions {
  readonly driver: Pick<SandboxDriver, 'startBlank' | 'destroy'>;
  readonly memory: MemoryBudget;
  readonly gate: StartGate;
  /** How many of each kind to keep; 0 keeps none. */
  readonly perKind: number;
  /** Nobody waits for a start, and none is under way. */
  readonly quiet: () => boolean;
  /** Told of each that is there, that is gone, and of cold starts that took one or would have. */
  readonly meter: Pick<HeldMeter, 'blankCame' | 'blankWent' | 'started'>;
  readonly log: AgentLog;
}

/** After a start its instance has the machine for itself so long. */
const PAUSE_MS = 200;
/** Memory that is not there comes back slowly. */
const MEMORY_PAUSE_MS = 5_000;
/** Where memory was needed, or the driver failed, the next try comes so much later; doubled for each failure in a row. */
const REST_MS = 30_000;
const LONGEST_REST_MS = 480_000;
/** Part of the node's memory that must stay free beside a new blank: it is only worth what nobody else needs. */
const SPARE_SHARE = 0.1;

/**
 * Runtimes booted ahead of any function, for cold starts that somebody waits for. Each counts with the memory that it
 * uses, is the first to go when that is needed, and is replaced while nobody waits.
 */
export class BlankStock {
  readonly #options: BlankStockOptions;
  readonly #ready = new Set<BlankSandbox>();
  readonly #impossible = new Set<BlankRuntime>();
  #failures = 0;
  #restUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #making: Promise<void> | undefined;
  #closed = false;

  constructor(options: BlankStockOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#ready.size;
  }

  /** What evicting all of them would give. */
  get bytes(): number {
    let bytes = 0;
    for (const { memoryBytes } of this.#ready) bytes += memoryBytes;
    return bytes;
  }

  /** Begins to fill it, also after it was closed. */
  open(): void {
    this.#closed = false;
    this.#plan(PAUSE_MS);
  }

  /** Id of one that can become an instance of `run`; null where there is none. Its memory is free: the instance has its own. */
  take(run: RunSpec): string | null {
    if (!fitsBlank(run)) return null;
    const { meter } = this.#options;
    for (const blank of this.#ready) {
      if (!sameKind(blank, run)) continue;
      this.#ready.delete(blank);
      meter.blankWent(blank);
      meter.started(run, true);
      this.#options.memory.release(blank.memoryBytes);
      this.#plan(PAUSE_MS);
      return blank.id;
    }
    meter.started(run, false);
    return null;
  }

  /** Ends as many as it takes for so many bytes, or all; resolves when they have ended. */
  async evict(bytes: number): Promise<void> {
    const chosen: BlankSandbox[] = [];
    let left = bytes;
    for (const blank of this.#ready) {
      if (left <= 0) break;
      left -= blank.memoryBytes;
      chosen.push(blank);
    }
    if (chosen.length === 0) return;
    this.#rest(REST_MS);
    await Promise.all(chosen.map((blank) => this.#end(blank)));
  }

  /** Ends all and makes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#making;
    await Promise.all([...this.#ready].map((blank) => this.#end(blank)));
  }

  #plan(afterMs: number): void {
    if (this.#closed || this.#options.perKind === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fill(), afterMs).unref();
  }

  #rest(ms: number): void {
    this.#restUntil = performance.now() + ms;
    this.#plan(ms);
  }

  #fill(): void {
    const kind = this.#missing();
    if (kind === undefined || this.#making) return;
    const { memory, gate, quiet } = this.#options;
    const restMs = this.#restUntil - performance.now();
    const spare = memory.free - BLANK_LIMITS.memoryBytes >= memory.capacity * SPARE_SHARE;
    if (restMs > 0 || !spare) this.#plan(Math.max(restMs, MEMORY_PAUSE_MS));
    else if (!quiet() || gate.freeForBackground === 0) this.#plan(PAUSE_MS);
    else {
      this.#making = this.#make(kind).finally(() => {
        this.#making = undefined;
        this.#plan(Math.max(this.#restUntil - performance.now(), PAUSE_MS));
      });
    }
  }

  #missing(): BlankKind | undefined {
    return BLANK_KINDS.find((kind) => {
      const there = [...this.#ready].filter((blank) => sameKind(blank, kind)).length;
      return there < this.#options.perKind && !this.#impossible.has(kind.runtime);
    });
  }

  async #make(kind: BlankKind): Promise<void> {
    const { driver, memory, gate, meter, log } = this.#options;
    // until it is known what it uses, it counts with the most that it may
    const reserved = BLANK_LIMITS.memoryBytes;
    memory.commit(reserved);
    gate.take();
    try {
      const blank = await driver.startBlank(`b${randomBytes(9).toString('hex')}`, kind);
      memory.release(reserved - blank.memoryBytes);
      this.#ready.add(blank);
      meter.blankCame(blank);
      this.#failures = 0;
    } catch (error) {
      memory.release(reserved);
      if (isPlatformError(error) && error.code === 'unsupported') this.#impossible.add(kind.runtime);
      this.#rest(Math.min(REST_MS * 2 ** this.#failures, LONGEST_REST_MS));
      this.#failures += 1;
      log.warn({ ...kind, error: String(error) }, 'a runtime could not be booted ahead');
    } finally {
      gate.leave();
    }
  }

  async #end(blank: BlankSandbox): Promise<void> {
    this.#ready.delete(blank);
    const { driver, memory, meter, log } = this.#options;
    meter.blankWent(blank);
    try {
      await driver.destroy(blank.id);
    } catch (error) {
      log.error({ blankId: blank.id, error: String(error) }, 'a blank runtime cannot be ended');
    }
    memory.release(blank.memoryBytes);
  }
}

function sameKind(one: BlankKind, other: Pick<RunSpec, 'runtime' | 'network'>): boolean {
  return one.runtime === other.runtime && one.network === other.network;
}
