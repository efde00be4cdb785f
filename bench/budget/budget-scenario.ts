import { budgetSpecSchema, limitOf } from '../../core/budget/budget-spec';
import { periodAt } from '../../core/budget/period';
import { dollarText } from '../../core/cost/money-text';
import type { Store } from '../../drivers/store/store';
import type { Components } from '../harness/components';
import { deployVariant } from '../harness/deploy-variant';
import type { PrivatePlatform } from '../harness/platform';
import { quantile } from '../harness/statistics';
import { pause } from '../starts/start-samples';
import { runRateLoad } from './run-rate-load';

/** Of both functions together. */
export const PER_SECOND = 1_000;
const CRITICAL_PER_SECOND = 20;
/**
 * Kept for the critical function: it pays for what goes on when the others are stopped, its calls and the instances of both, which
 * this bench keeps hot; and for a second of what the others may overshoot. Less than a tenth, so that 90 % are reached at full rate.
 */
const CRITICAL_SHARE = 8;
/** Of the critical function, its 99th percentile. */
export const CRITICAL_SLA_MS = 250;
const ALERT = 90;
const SPEC = { concurrency: 50, scale: { min: 1, max: 2, keepAlive: '30m' } };
/** Until what was recorded last is written. */
const WRITTEN_MS = 4_000;
/** Of what was killed; meanwhile nothing, or half, is spent, so that the load goes on for longer. */
const HEALS_MS = 30_000;
const AWAY_SECONDS = 8;
const TENANT = 'default';
const WARM_SECONDS = 3;

export interface Scenario {
  readonly name: string;
  /** Of the gateways. */
  readonly ports: readonly number[];
  /** `kill -9` of these, all at once, when a third of the budget is spent. */
  readonly kills: readonly string[];
  /** In which the budget is spent, and for which the load goes on afterwards. */
  readonly seconds: number;
  readonly afterSeconds: number;
}

/** What one scenario came to. Amounts are picodollars. */
export interface ScenarioRun {
  readonly name: string;
  readonly limit: bigint;
  readonly spent: bigint;
  /** What had been spent when the last of the others was served, beyond what is not kept for the critical function. */
  readonly pastStop: number;
  /** Of one second at the full rate. */
  readonly second: number;
  /** From the call with which 90 % were spent until the alert was noted; null: there was none. */
  readonly alertMs: number | null;
  readonly answered: number;
  readonly refused: number;
  /** Answers that were neither 200 nor 402, and requests without one. */
  readonly failed: number;
  /** Of the critical function, from the first refusal of the others on. */
  readonly critical: { readonly calls: number; readonly failed: number; readonly p99Ms: number };
}

export interface ScenarioWorld {
  readonly platform: PrivatePlatform;
  readonly components: Components;
  readonly store: Store;
  readonly log: (text: string) => void;
}

/** A budget of its own for two functions of its own, spent at the full rate until nothing is left. */
export async function runScenario(world: ScenarioWorld, scenario: Scenario): Promise<ScenarioRun> {
  const { platform, store, log } = world;
  const { name, ports, seconds, afterSeconds } = scenario;
  const [plain, critical] = [`budget-${name}`, `budget-${name}-critical`];
  await deployVariant(platform, 'examples/hello-node', plain, SPEC);
  // Its latency is judged here. An `sla` would charge for each late second what forty thousand calls cost.
  await deployVariant(platform, 'examples/hello-node', critical, { ...SPEC, critical: true });
  const functions = [plain, critical];
  const calls = [
    { path: `/fn/${TENANT}/${plain}/`, perSecond: PER_SECOND - CRITICAL_PER_SECOND },
    { path: `/fn/${TENANT}/${critical}/`, perSecond: CRITICAL_PER_SECOND },
  ];
  const headers = { authorization: `Bearer ${platform.apiKey}` };
  log(`${name}: what a call costs`);
  // The first calls wait for starts and for code to be compiled, and pay for the memory that they hold meanwhile.
  await runRateLoad({ ports, headers, calls, seconds: WARM_SECONDS });
  await pause(WRITTEN_MS);
  const warmed = await spentOf(store, functions);
  const measured = await runRateLoad({ ports, headers, calls, seconds: WARM_SECONDS });
  await pause(WRITTEN_MS);
  const before = await spentOf(store, functions);
  const mean = Number(before - warmed) / measured.outcomes.flat().filter(([, , status]) => status === 200).length;
  const spec = budgetSpecSchema.parse({
    limit: microText(before + BigInt(Math.round(mean * PER_SECOND * seconds))),
    period: 'daily',
    functions,
    criticalShare: CRITICAL_SHARE,
    alertAt: [ALERT],
    degrade: ['refuse'],
  });
  const { budget } = await store.putBudget({ tenant: TENANT, name, spec, origin: 'api' });
  await pause(1_500);
  log(`${name}: ${PER_SECOND} requests a second against ${spec.limit} dollars`);
  const began = Date.now();
  const away = scenario.kills.length === 0 ? 0 : AWAY_SECONDS;
  const load = runRateLoad({ ports, headers, calls, seconds: seconds + away + afterSeconds });
  const killing = kill(world, scenario);
  const [{ outcomes }] = await Promise.all([load, killing]);
  await pause(WRITTEN_MS);
  const limit = limitOf(spec);
  const spent = await spentOf(store, functions);
  const answers = outcomes.flat().sort(([a], [b]) => a - b);
  const good = answers.filter(([, , status]) => status === 200);
  // Of a killed gateway's last calls there are no records: they were answered, and cost nothing.
  const lost = Math.max(0, Number(before) + good.length * mean - Number(spent));
  // On a machine that is too busy calls take longer and cost more.
  const each = Math.max(mean, Number(spent - before) / good.length);
  const crossing = good[Math.ceil((Number(limit) * (ALERT / 100) + lost - Number(before)) / each) - 1];
  const [alert] = (await store.budgetAlerts(budget.id, 10)).filter(({ percent }) => percent === ALERT);
  await store.deleteBudget(TENANT, name, 'api');
  // Never, where nobody was refused.
  const stoppedAt = Math.min(...(outcomes[0] ?? []).flatMap(([at, , status]) => (status === 402 ? [at] : [])));
  const vital = (outcomes[1] ?? []).filter(([at, ms]) => at - ms >= stoppedAt);
  const refused = answers.filter(([, , status]) => status === 402).length;
  log(`${name}: ${good.length} answered, ${refused} refused from ${((stoppedAt - began) / 1000).toFixed(1)} s on`);
  const vitalMs = vital.map(([, ms]) => ms);
  const vitalCost = each * vital.filter(([, , status]) => status === 200).length;
  const forOthers = Number(limit) * (1 - CRITICAL_SHARE / 100);
  return {
    ...{ name, limit, spent, refused },
    pastStop: Number(spent) - vitalCost - forOthers,
    second: mean * PER_SECOND,
    alertMs: alert && crossing ? Math.max(0, alert.at.getTime() - crossing[0]) : null,
    answered: good.length,
    failed: answers.length - good.length - refused,
    critical: {
      calls: vital.length,
      failed: vital.filter(([, , status]) => status !== 200).length,
      p99Ms: vitalMs.length === 0 ? Number.NaN : quantile(vitalMs, 0.99),
    },
  };
}

async function kill({ components, log }: ScenarioWorld, { name, kills, seconds }: Scenario): Promise<void> {
  if (kills.length === 0) return;
  await pause((seconds / 3) * 1_000);
  for (const { component, healedMs } of await Promise.all(kills.map((each) => components.kill(each, HEALS_MS)))) {
    const back = healedMs === null ? 'not back' : `back after ${(healedMs / 1000).toFixed(1)} s`;
    log(`${name}: ${component} killed, ${back}`);
  }
}

/** What the functions have spent today. */
export async function spentOf(store: Store, names: readonly string[]): Promise<bigint> {
  const found = await store.budgetFunctions(TENANT, names);
  const { start, end } = periodAt({ period: 'daily', timeZone: 'UTC' }, Date.now());
  const functionIds = found.map(({ id }) => id);
  const [spend] = await store.spend([{ tenant: TENANT, functionIds, from: new Date(start), to: new Date(end) }]);
  return spend?.spent ?? 0n;
}

/** To the micro-dollar above: budgets know no smaller amounts. */
function microText(pico: bigint): string {
  return dollarText(((pico + 999_999n) / 1_000_000n) * 1_000_000n);
}
