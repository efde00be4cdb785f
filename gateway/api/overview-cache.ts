import type { z } from 'zod';
import {
  overviewOf,
  OVERVIEW_WINDOWS,
  windowStart,
  type Overview,
  type OverviewWindow,
} from '../../core/overview/overview';
import type { ApiContext } from './api-context';
import { budgetStandings } from './budget-standings';
import { budgetView, type budgetSchema } from './budget-view';

const DAY_MS = 86_400_000;
/** An answer is shown again to whoever asks within a twelfth of its step: 5 s of an hour, ten minutes of a week. */
const STEPS_KEPT = 1 / 12;

/** All that an overview is made of, as it was read. */
interface ReadOverview {
  readonly from: Date;
  readonly to: Date;
  readonly stepMs: number;
  readonly overview: Overview;
  readonly functions: number;
  /** Picodollars since the UTC day began. */
  readonly spentToday: bigint;
  readonly budgets: readonly z.output<typeof budgetSchema>[];
}

interface Entry {
  readonly readAt: number;
  readonly answer: Promise<ReadOverview>;
}

/** Overviews by tenant and window. All who look at the same share one reading; however many they are, it costs the same. */
export class OverviewCache {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly context: Pick<ApiContext, 'store' | 'now'>) {}

  /** @throws what the store throws */
  read(tenant: string, window: OverviewWindow): Promise<ReadOverview> {
    const now = this.context.now();
    const key = `${tenant} ${window}`;
    const known = this.#entries.get(key);
    if (known && now.getTime() - known.readAt < keptFor(window)) return known.answer;
    this.#forget(now.getTime());
    const answer = this.#load(tenant, window, now);
    this.#entries.set(key, { readAt: now.getTime(), answer });
    // A failure is told to those who wait for it, and to nobody after.
    answer.catch(() => this.#entries.get(key)?.answer === answer && this.#entries.delete(key));
    return answer;
  }

  #forget(now: number): void {
    for (const [key, { readAt }] of this.#entries) if (now - readAt >= DAY_MS / 24) this.#entries.delete(key);
  }

  async #load(tenant: string, window: OverviewWindow, now: Date): Promise<ReadOverview> {
    const { store } = this.context;
    const { stepMs } = OVERVIEW_WINDOWS[window];
    const span = { from: windowStart(window, now), to: now };
    const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
    const day = { tenant, functionIds: null, from: new Date(today), to: new Date(today + DAY_MS) };
    const [counts, hours, functions, [spend], standings] = await Promise.all([
      store.stepCounts({ tenant, stepMs, ...span }),
      store.latencyHours({ tenant, ...span }),
      store.budgetFunctions(tenant, null),
      store.spend([day]),
      store.budgets({ tenant }).then((budgets) => budgetStandings(store, budgets, now.getTime())),
    ]);
    return {
      ...span,
      stepMs,
      overview: overviewOf(counts, hours, { ...span, stepMs }),
      functions: functions.filter(({ deleted }) => !deleted).length,
      spentToday: spend?.spent ?? 0n,
      budgets: standings.map((standing) => budgetView(standing, now.getTime())),
    };
  }
}

function keptFor(window: OverviewWindow): number {
  return OVERVIEW_WINDOWS[window].stepMs * STEPS_KEPT;
}
