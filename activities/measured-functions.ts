import { functionSpend, type MeasuredFunction } from '../core/budget/function-spend';
import type { FunctionSpend } from '../core/budget/step-effects';
import { mainRevision } from '../core/function/alias-weights';
import { peakOf } from '../core/warming/grant-targets';
import type { ClusterNode } from '../drivers/cluster/cluster';
import type { ComponentSpend } from '../drivers/store/budget-store';
import type { RouteSnapshot } from '../drivers/store/store';
import type { ActivityDependencies } from './dependencies';

const HOUR_MS = 3_600_000;
/** Over which effects of steps are measured: a day has its quiet hours and its busy ones. */
const MEASURED_HOURS = 24;
/** A tenant that has been called for less long is measured over as long as it was, but not less. */
const LEAST_MS = 60_000;

export interface MeasuredTenant {
  /** What each function that has cost something, or is deployed, costs an hour, by its id. */
  readonly functions: ReadonlyMap<string, FunctionSpend>;
  /** Ids of those whose calls are critical. */
  readonly critical: ReadonlySet<string>;
}

/** Measures a tenant's functions. @param now Unix milliseconds */
export async function measuredFunctions(
  { store, prices, gateways }: Pick<ActivityDependencies, 'store' | 'prices' | 'gateways'>,
  { tenant, routes, nodes }: { tenant: string; routes: RouteSnapshot; nodes: readonly ClusterNode[] },
  now: number,
): Promise<MeasuredTenant> {
  const from = new Date((Math.floor(now / HOUR_MS) - MEASURED_HOURS) * HOUR_MS);
  const window = { tenant, functionIds: null, from, to: new Date(now) };
  const [{ since, spends: rows }, means] = await Promise.all([
    store.spendByComponent(window),
    store.meanExecuteMs(from),
  ]);
  const hours = Math.max(LEAST_MS, now - (since ?? from).getTime()) / HOUR_MS;
  const byFunction = new Map<string, ComponentSpend[]>();
  for (const row of rows) byFunction.set(row.functionId, [...(byFunction.get(row.functionId) ?? []), row]);
  const deployed = new Map(routes.functions.filter((fn) => fn.tenant === tenant).map((fn) => [fn.functionId, fn]));
  const ready = nodes.filter(({ state }) => state === 'ready');
  const tierOf = new Map(nodes.map(({ name, tier }) => [name, tier]));

  const measure = async (functionId: string): Promise<[string, FunctionSpend]> => {
    const own = byFunction.get(functionId) ?? [];
    const fn = deployed.get(functionId);
    const spec = (fn && mainRevision(fn.aliases, fn.revisions)?.manifest.spec) ?? null;
    const quantity = (component: string): number => own.find((row) => row.component === component)?.quantity ?? 0;
    const allowed = ready.map(({ tier }) => tier).filter((tier) => spec?.tier.allow.includes(tier) === true);
    const placed = (fn?.placement?.nodes ?? []).flatMap(({ node }) => tierOf.get(node) ?? []);
    const warm = own.some(({ component }) => component === 'warmth') ? await store.latestWarmth(functionId) : null;
    const measured: MeasuredFunction = {
      spec,
      hours,
      amounts: new Map(own.map(({ component, amount }) => [component, amount])),
      coreSeconds: quantity('compute'),
      gbSeconds: quantity('memory'),
      executeMs: quantity('request') * (means.get(functionId) ?? 0),
      held: warm && { peak: peakOf(warm), floor: warm.floor, keepAlive: warm.keepAlive },
      tiersNow: placed.length > 0 ? placed : allowed,
      tiersAllowed: allowed,
    };
    return [functionId, functionSpend(measured, prices, gateways)];
  };
  const ids = new Set([...byFunction.keys(), ...deployed.keys()]);
  const functions = new Map(await Promise.all([...ids].map(measure)));
  const critical = new Set([...functions].filter(([, { critical: own }]) => own).map(([id]) => id));
  return { functions, critical };
}
