import { dollarText } from '../../core/cost/money-text';
import type { BenchResult } from '../bench';
import { figure, type Figure } from '../harness/report';
import { CRITICAL_SLA_MS, PER_SECOND, type ScenarioRun } from './budget-scenario';
import type { ComparedCalls } from './many-calls';

/** A budget may be overshot by this share of it, or by a second of spend, whichever is larger. */
const OVERSHOOT_SHARE = 0.005;
const ALERT_BAR_S = 1;
const CALLS_BAR = 1_000_000;

/** Figures of the bars, and what they are made of. */
export function budgetResult(runs: readonly ScenarioRun[], compared: ComparedCalls): BenchResult {
  const { calls, differences, unpriced, kills } = compared;
  return {
    figures: [
      ...runs.flatMap(figuresOf),
      figure('budget.ledger.calls', 'calls', calls, 1, { atLeast: CALLS_BAR }),
      figure('budget.ledger.differences', 'sums', differences, calls, { atMost: 0 }),
      figure('budget.ledger.unpriced', 'calls', unpriced, calls, { atMost: 0 }),
      figure('budget.ledger.kills', 'kills', kills, 1),
    ],
    sections: sectionsOf(runs),
  };
}

/** Picodollars; below 0 where it was not spent to the end. */
function overshootOf({ spent, limit }: ScenarioRun): number {
  return Number(spent - limit);
}

function figuresOf(run: ScenarioRun): Figure[] {
  const { name, limit, second, alertMs, answered, refused, failed, critical, pastStop } = run;
  const allowed = Math.max(Number(limit) * OVERSHOOT_SHARE, second);
  const overshoot = overshootOf(run);
  // An alert that never came is later than any.
  const alertS = alertMs === null ? Number.MAX_SAFE_INTEGER : alertMs / 1_000;
  return [
    figure(`budget.${name}.overshoot.to-allowed`, 'ratio', Math.max(0, overshoot) / allowed, answered, { atMost: 1 }),
    figure(`budget.${name}.others.overshoot.to-allowed`, 'ratio', Math.max(0, pastStop) / allowed, answered, {
      atMost: 1,
    }),
    figure(`budget.${name}.alert90`, 's', alertS, 1, { atMost: ALERT_BAR_S }),
    figure(`budget.${name}.critical.p99`, 'ms', critical.p99Ms, critical.calls, { atMost: CRITICAL_SLA_MS }),
    figure(`budget.${name}.critical.failed`, 'calls', critical.failed, critical.calls, { atMost: 0 }),
    figure(`budget.${name}.overshoot`, '% of the budget', (100 * overshoot) / Number(limit), answered),
    figure(`budget.${name}.overshoot.seconds`, 's of spend', overshoot / second, answered),
    figure(`budget.${name}.others.overshoot.seconds`, 's of spend', pastStop / second, answered),
    figure(`budget.${name}.answered`, 'calls', answered, answered),
    figure(`budget.${name}.refused`, 'calls', refused, refused),
    figure(`budget.${name}.failed`, 'calls', failed, answered + refused + failed),
  ];
}

function sectionsOf(runs: readonly ScenarioRun[]): string[] {
  return [
    `## One budget after the other, each spent at ${PER_SECOND} requests a second`,
    '',
    'Spent is what the store has: the ledger, and what is on its way to it. What a killed gateway had not written yet was answered, and is in no record. The alert’s time is from the answer with which 90 % of the budget were spent. Critical calls are those from the first refusal of the others on.',
    '',
    'The others are stopped while what is kept for the critical function is still there, which is why no budget is spent to its end here. Theirs is overshot by what was spent without those critical calls, idle memory of both included, beyond what is not kept.',
    '',
    '| budget | limit $ | spent $ | of a second $ | critical calls after the stop |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...runs.map(({ name, limit, spent, second, critical }) => {
      const cells = [dollarText(limit), dollarText(spent), dollarText(BigInt(Math.round(second))), critical.calls];
      return `| ${name} | ${cells.join(' | ')} |`;
    }),
  ];
}
