import type { Advice, Strategy } from './advice';
import type { AdviceFacts, ObservedFunction } from './advice-facts';
import { MONTH_MS, monthlyOf } from './monthly';
import { picoOf } from '../money';

const GB = 1e9;
const DAY_MS = 86_400_000;

/**
 * No checkpoint for a function whose checkpoints cost more to keep than the waits are worth that they save. A second of waiting is worth
 * what a second over an SLA is, also where there is no SLA.
 */
export const checkpointRetention: Strategy = {
  name: 'checkpoint-retention',
  description: 'no checkpoint where it costs more to keep than the waits are worth that it saves',
  advise: (facts) => facts.functions.flatMap((fn) => adviceFor(fn, facts)),
};

function adviceFor(fn: ObservedFunction, { windowMs, tiers }: AdviceFacts): Advice[] {
  const { tenant, name, revision, restores, coldSeconds, restoreSeconds, sealedBytes } = fn;
  // A day without a restore says little of a month.
  if (fn.checkpoint === 'never' || sealedBytes === 0 || windowMs < DAY_MS) return [];
  const prices = tiers[fn.tier];
  const kept = BigInt(picoOf(sealedBytes / GB, prices.checkpointGbMonth));
  const spared = restores * Math.max(0, coldSeconds - restoreSeconds);
  const worth = monthlyOf(spared, prices.slaSecond, windowMs);
  if (kept <= worth) return [];
  return [
    {
      strategy: 'checkpoint-retention',
      tenant,
      function: name,
      title: `${tenant}/${name} was restored ${restores} time(s): its checkpoint costs more than the waits that it spares`,
      evidence: [
        { name: 'checkpoints', value: sealedBytes, unit: 'bytes' },
        { name: 'restores', value: restores, unit: null },
        { name: 'a start from nothing', value: coldSeconds, unit: 's' },
        { name: 'a restore', value: restoreSeconds, unit: 's' },
        { name: 'keeping them', value: Number(kept) / 1e12, unit: 'dollars a month' },
        { name: 'the waits spared', value: Number(worth) / 1e12, unit: 'dollars a month' },
      ],
      monthlySaving: kept - worth,
      confidence: windowMs >= MONTH_MS / 4 ? 'high' : 'medium',
      change: { kind: 'spec', tenant, function: name, revision, set: { checkpoint: 'never' } },
    },
  ];
}
