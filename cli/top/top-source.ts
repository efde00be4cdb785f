import type { ApiClient } from '../api-client';
import type { CheckpointResource, FunctionResource, InstanceResource, InvocationResource } from '../api-resources';
import type { LedgerLineResource } from '../cost-resources';
import { LiveCalls } from './live-calls';
import { topRows, type TopFacts, type TopRow } from './top-rows';

const WINDOW_MS = 60_000;
/** Calls are written down when they end, and a moment late. */
const LATE_MS = 15_000;
const PAGE = 1000;
/** Calls that one look reads at most; with more, rates are those of a shorter while. */
const MOST_PAGES = 5;
/** What changes slowly is asked for this rarely. */
const SLOW_MS = 15_000;
const HOUR_MS = 3_600_000;

interface CallPage {
  readonly items: readonly InvocationResource[];
  readonly next: string | null;
}

/** Looks at the platform for `presage top`. */
export class TopSource {
  readonly #calls: LiveCalls;
  #slow: Pick<TopFacts, 'functions' | 'checkpoints' | 'charges'> | undefined;
  #slowAt = -Infinity;

  constructor(
    private readonly api: ApiClient,
    private readonly now: () => number = Date.now,
  ) {
    this.#calls = new LiveCalls(WINDOW_MS, now());
  }

  /** @throws PlatformError what the platform answers */
  async look(): Promise<TopRow[]> {
    const [slow, instances] = await Promise.all([
      this.slow(),
      this.api.list<InstanceResource>('/v1/instances', { live: true }),
      this.readCalls(),
    ]);
    return topRows({ ...slow, instances, calls: this.#calls.figures(this.now()) });
  }

  /** The calls since the last look, and those that were written down late. */
  private async readCalls(): Promise<void> {
    const now = this.now();
    const found: InvocationResource[] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page++) {
      const { items, next }: CallPage = await this.api.get('/v1/invocations', { limit: PAGE, cursor });
      found.push(...items);
      cursor = next ?? undefined;
      const oldest = items.at(-1);
      const age = oldest === undefined ? Infinity : now - Date.parse(oldest.at);
      // Everything before is known, too old, or not there.
      const complete = cursor === undefined || age > WINDOW_MS || (age > LATE_MS && this.#calls.has(oldest?.id ?? ''));
      if (complete || page + 1 === MOST_PAGES) return this.#calls.add(found, complete, now);
    }
  }

  private async slow(): Promise<Pick<TopFacts, 'functions' | 'checkpoints' | 'charges'>> {
    const now = this.now();
    if (this.#slow && now - this.#slowAt < SLOW_MS) return this.#slow;
    const [functions, checkpoints, charges] = await Promise.all([
      this.api.list<FunctionResource>('/v1/functions'),
      this.api.list<CheckpointResource>('/v1/checkpoints', { state: 'ready' }),
      this.api.list<LedgerLineResource>('/v1/cost/ledger', { from: new Date(now - HOUR_MS).toISOString(), by: 'hour' }),
    ]);
    this.#slowAt = now;
    return (this.#slow = { functions: functions.map(({ name }) => name), checkpoints, charges });
  }
}
