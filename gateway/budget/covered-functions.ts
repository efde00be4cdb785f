import { reserves } from '../../core/budget/critical-reserve';
import { covers } from '../../core/budget/restraint';
import type { Pico } from '../../core/cost/money';
import type { RevisionRoute } from '../invocation/revision-route';
import { CoveredFunction } from './covered-function';
import type { LiveBudget } from './live-budget';

/** Which budgets cover which functions. Each keeps its `CoveredFunction` as long as any does. */
export class CoveredFunctions {
  #spends = new Map<string, CoveredFunction>();

  constructor(private readonly firstGuess: (route: Pick<RevisionRoute, 'memoryBytes'>) => Pico) {}

  /** Tells each route what covers its function. @returns ids of the budgets that cover critical functions beside others */
  attach(routes: readonly RevisionRoute[], budgets: Iterable<LiveBudget>): ReadonlySet<string> {
    const byTenant = new Map<string, LiveBudget[]>();
    for (const budget of budgets) {
      const { tenant } = budget.record;
      byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), budget]);
    }
    const critical = new Set(routes.flatMap(({ revision, critical: is }) => (is ? [revision.functionId] : [])));
    const spenders = new Map<string, CoveredFunction[]>();
    const spends = new Map<string, CoveredFunction>();
    for (const route of routes) {
      const { tenant, functionId: id, function: name } = route.revision;
      const covering = (byTenant.get(tenant) ?? []).filter(({ record }) => covers(record, { tenant, name }));
      if (covering.length === 0) {
        route.spend = null;
        continue;
      }
      const spend = this.#spends.get(id) ?? spends.get(id) ?? new CoveredFunction(id, name, this.firstGuess(route));
      spends.set(id, spend);
      route.spend = spend;
      spend.cover(covering, critical.has(id));
      for (const { record } of covering) spenders.set(record.id, [...(spenders.get(record.id) ?? []), spend]);
    }
    for (const [id, spend] of this.#spends) if (!spends.has(id)) spend.cover([], spend.critical);
    this.#spends = spends;
    return new Set([...spenders].filter(([, own]) => reserves(own)).map(([id]) => id));
  }

  /** Has the calls of functions go one by one whose budgets say so; critical ones never do. */
  queue(now: number): void {
    for (const spend of this.#spends.values()) {
      const by = spend.critical ? undefined : spend.budgets.find((budget) => budget.enforces('queue', now));
      spend.queuedBy = by ?? null;
    }
  }

  /** Ids of functions for which there is no money now. */
  exhausted(): readonly string[] {
    return [...this.#spends].filter(([, { exhausted }]) => exhausted !== null).map(([id]) => id);
  }

  /** Is it critical, as far as is known? One that has no routes any more is not. */
  isCritical(functionId: string): boolean {
    return this.#spends.get(functionId)?.critical === true;
  }
}
