import type { Advice, Strategy } from './advice';
import type { AdviceFacts, ObservedFunction } from './advice-facts';
import { monthlyOf } from './monthly';

const GB = 1e9;
/** Calls that use so much of their CPU limit, on the mean, wait for it. */
const BOUND_SHARE = 0.85;
const MOST_SHARE = 1.1;
const FEWEST_CALLS = 100;
/** One process on one core is as fast as it can be: more helps only what runs in threads, of which nothing is known. */
const MOST_MILLIS = 1_000;

/**
 * More CPU for functions that are held up by their limit: the same work done sooner holds memory for a shorter time. Work is charged by
 * what was used, whatever the limit, so that a lower limit would save nothing.
 */
export const rightSizeCpu: Strategy = {
  name: 'right-size-cpu',
  description: 'more CPU where calls wait for theirs: memory is held for a shorter time',
  advise: (facts) => facts.functions.flatMap((fn) => adviceFor(fn, facts)),
};

function adviceFor(fn: ObservedFunction, { windowMs, tiers }: AdviceFacts): Advice[] {
  const { tenant, name, revision, calls, executeMs, cpuMicros, cpuMillis, memoryBytes } = fn;
  if (cpuMicros === null || calls < FEWEST_CALLS || executeMs <= 0 || cpuMillis >= MOST_MILLIS) return [];
  const used = cpuMicros / 1000 / executeMs;
  const boundShare = used / (cpuMillis / 1000);
  // Nobody gets more than the limit: then its time of execution was taken, because nobody measures it.
  if (boundShare < BOUND_SHARE || boundShare > MOST_SHARE) return [];
  const wanted = Math.min(MOST_MILLIS, 2 * cpuMillis);
  // Only the part that computes gets faster.
  const shorter = Math.min(1, boundShare) * (1 - cpuMillis / wanted);
  const busy = (memoryBytes / GB) * (executeMs / 1000);
  const monthlySaving = monthlyOf(shorter * busy, tiers[fn.tier].gbSecondRunning, windowMs);
  if (monthlySaving <= 0n) return [];
  return [
    {
      strategy: 'right-size-cpu',
      tenant,
      function: name,
      title: `Calls of ${tenant}/${name} use ${(100 * boundShare).toFixed(0)} % of the ${cpuMillis}m that they may: with ${wanted}m they hold their memory for a shorter time`,
      evidence: [
        { name: 'CPU limit', value: cpuMillis, unit: 'millicores' },
        { name: 'used by the mean call', value: Math.round(1000 * used), unit: 'millicores' },
        { name: 'calls', value: calls, unit: null },
        { name: 'mean time of a call', value: executeMs / calls, unit: 'ms' },
        { name: 'assumed', value: 'work that is held up by its CPU limit gets faster as the limit rises', unit: null },
      ],
      monthlySaving,
      confidence: 'low',
      change: { kind: 'spec', tenant, function: name, revision, set: { cpu: `${wanted}m` } },
    },
  ];
}
