import type { InstanceState } from '../../core/agent/instance-state';
import { HeldBook, type HeldState } from '../../core/cost/warmth/held-book';
import { PLATFORM_ID, type HeldRow, type Holding } from '../../core/cost/warmth/held-row';
import { splitShared } from '../../core/cost/warmth/split-shared';
import type { RunSpec } from '../../core/function/run-spec';
import type { BlankSandbox } from '../../drivers/sandbox/blank';
import type { Instance } from '../instance/instance';
import { BlankUsers } from './blank-users';

/**
 * How an instance rests in each state. In use it is paid for by the calls; while a gateway keeps it between two calls the gateway
 * counts. Starts and ends are nobody's.
 */
const RESTING: Readonly<Record<InstanceState, HeldState | null>> = {
  starting: null,
  leased: null,
  idle: 'running',
  checkpointing: 'running',
  freezing: 'frozen',
  frozen: 'frozen',
  stopping: null,
  gone: null,
};
const BYTE_MS_PER_GB_SECOND = 1e12;

interface Open {
  readonly holding: Holding;
  readonly state: HeldState;
  readonly since: number;
}

/** Measures what the node keeps warm for each function: memory of instances at rest, and of runtimes that are booted ahead. */
export class HeldMeter {
  readonly #book = new HeldBook();
  readonly #shared = new HeldBook();
  readonly #instances = new Map<string, Open>();
  readonly #blanks = new Map<string, Open>();
  readonly #holdings = new WeakMap<RunSpec, Holding>();
  readonly #users = new BlankUsers();
  readonly #total = { running: 0, frozen: 0 };

  /** @param now Unix milliseconds */
  constructor(private readonly now: () => number = Date.now) {}

  /** Memory that was promised to instances at rest × the time, since the agent began. */
  get heldGbSeconds(): Readonly<Record<HeldState, number>> {
    this.#upTo(this.now());
    return { ...this.#total };
  }

  /** Its state has changed. */
  follow({ id, run, state }: Instance): void {
    const rest = RESTING[state];
    const open = this.#instances.get(id);
    if ((open?.state ?? null) === rest) return;
    const now = this.now();
    if (open) this.#close(open, now);
    if (rest === null) this.#instances.delete(id);
    else this.#instances.set(id, { holding: this.#holdingOf(run), state: rest, since: now });
  }

  blankCame({ id, memoryBytes }: BlankSandbox): void {
    const holding = { tenant: '', functionId: PLATFORM_ID, function: PLATFORM_ID, memoryBytes };
    this.#blanks.set(id, { holding, state: 'running', since: this.now() });
  }

  blankWent({ id }: BlankSandbox): void {
    const open = this.#blanks.get(id);
    this.#blanks.delete(id);
    if (open) this.#shared.add(open.holding, open.state, open.since, this.now());
  }

  /** A cold start for which a runtime that was booted ahead was taken, or would have been. */
  started(run: RunSpec, took: boolean): void {
    this.#users.note(took ? 'took' : 'started', run, this.now());
  }

  /** What was measured since the last time, up to now. */
  take(): readonly HeldRow[] {
    const now = this.now();
    this.#upTo(now);
    for (const [id, open] of this.#blanks) {
      this.#shared.add(open.holding, open.state, open.since, now);
      this.#blanks.set(id, { ...open, since: now });
    }
    const uses = this.#users.of(now);
    const shared = this.#shared.take().flatMap(({ minute, runningByteMs }) => splitShared(minute, runningByteMs, uses));
    return together([...this.#book.take(), ...shared]);
  }

  #upTo(now: number): void {
    for (const [id, open] of this.#instances) {
      this.#close(open, now);
      this.#instances.set(id, { ...open, since: now });
    }
  }

  #close({ holding, state, since }: Open, now: number): void {
    this.#book.add(holding, state, since, now);
    this.#total[state] += (holding.memoryBytes * Math.max(0, now - since)) / BYTE_MS_PER_GB_SECOND;
  }

  #holdingOf(run: RunSpec): Holding {
    let holding = this.#holdings.get(run);
    if (!holding) {
      const { tenant, functionId, function: name, limits } = run;
      this.#holdings.set(run, (holding = { tenant, functionId, function: name, memoryBytes: limits.memoryBytes }));
    }
    return holding;
  }
}

/** One row for each function and minute. */
function together(rows: readonly HeldRow[]): readonly HeldRow[] {
  const merged = new Map<string, HeldRow>();
  for (const row of rows) {
    const key = `${row.functionId} ${row.minute.getTime()}`;
    const before = merged.get(key);
    merged.set(key, before ? { ...row, ...added(before, row) } : row);
  }
  return [...merged.values()];
}

function added(one: HeldRow, other: HeldRow): Pick<HeldRow, 'runningByteMs' | 'frozenByteMs' | 'sharedByteMs'> {
  return {
    runningByteMs: one.runningByteMs + other.runningByteMs,
    frozenByteMs: one.frozenByteMs + other.frozenByteMs,
    sharedByteMs: one.sharedByteMs + other.sharedByteMs,
  };
}
