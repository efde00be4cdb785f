import type { Advice } from '../../core/cost/advice/advice';
import type { AdviceFacts, ObservedFunction, PolicyEvidence } from '../../core/cost/advice/advice-facts';
import { adviseCosts } from '../../core/cost/advice/advise-costs';
import type { UnitPrices } from '../../core/cost/price-table';
import type { LedgerOutcome } from './ledger-tally';
import { RESTORE_SECONDS, type Setting } from './play-ledger';
import type { SavingsFunction } from './savings-function';

const TENANT = 'bench';
const MILLI = 1000;

/** What the past shows: outcomes of the setting in force, and of other policies on the same calls. */
export interface Past {
  readonly functions: readonly SavingsFunction[];
  readonly setting: Setting;
  readonly outcomes: readonly LedgerOutcome[];
  readonly others: readonly { readonly policy: string; readonly outcomes: readonly LedgerOutcome[] }[];
  readonly seconds: number;
  readonly prices: UnitPrices;
}

/** What the platform's own strategies advise after that past. */
export function fittedAdvice(past: Past): Advice[] {
  const { functions, setting, outcomes, others, seconds, prices } = past;
  const windowMs = MILLI * seconds;
  const facts: AdviceFacts = {
    windowMs,
    tiers: { edge: prices, regional: prices, central: prices },
    functions: functions.map((fn, index) => observed(fn, index, past)),
    policies: [
      evidenceOf(setting.policy, outcomes, windowMs),
      ...others.map((other) => evidenceOf(other.policy, other.outcomes, windowMs)),
    ],
    // The trace knows of no nodes and no regions.
    placement: null,
  };
  return adviseCosts(facts);
}

/** The setting with the advice carried out. @param only of these strategies; left out: of all */
export function carriedOut(setting: Setting, advice: readonly Advice[], only?: Advice['strategy']): Setting {
  const memoryBytes = [...setting.memoryBytes];
  const checkpoints = [...setting.checkpoints];
  let { policy } = setting;
  for (const { strategy, change } of advice) {
    if (only !== undefined && strategy !== only) continue;
    if (change.kind === 'policy') policy = change.to;
    if (change.kind !== 'spec') continue;
    const index = Number(change.function.slice(1));
    if (change.set.memory !== undefined) memoryBytes[index] = Number.parseInt(change.set.memory, 10) * 2 ** 20;
    if (change.set.checkpoint === 'never') checkpoints[index] = false;
  }
  return { policy, memoryBytes, checkpoints };
}

function observed(fn: SavingsFunction, index: number, { setting, outcomes, seconds }: Past): ObservedFunction {
  const { calls = 0, executeMs = 0, started = 0, idleGbSeconds } = outcomes[index] ?? {};
  const checkpointed = setting.checkpoints[index] ?? false;
  return {
    tenant: TENANT,
    name: `f${index}`,
    revision: 1,
    memoryBytes: setting.memoryBytes[index] ?? 0,
    cpuMillis: 1_000,
    checkpoint: checkpointed ? 'first-request' : 'never',
    tier: 'central',
    calls,
    executeMs,
    cpuMicros: null,
    idleGbSeconds: idleGbSeconds ?? { running: 0, frozen: 0 },
    // Somebody looks once in a minute with a call.
    memory: {
      samples: minutesWithCalls(fn, seconds),
      p99Bytes: fn.p99Bytes,
      peakBytes: fn.peakBytes,
      hours: seconds / 3_600,
    },
    restores: checkpointed ? started : 0,
    coldSeconds: fn.slots.coldSeconds,
    restoreSeconds: RESTORE_SECONDS,
    sealedBytes: checkpointed ? fn.sealedBytes : 0,
  };
}

function minutesWithCalls({ slots }: SavingsFunction, seconds: number): number {
  return slots.counts.subarray(0, Math.floor(seconds / 60)).reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
}

function evidenceOf(policy: string, outcomes: readonly LedgerOutcome[], windowMs: number): PolicyEvidence {
  const sum = (of: (outcome: LedgerOutcome) => number): number =>
    outcomes.reduce((all, outcome) => all + of(outcome), 0);
  const calls = sum((outcome) => outcome.calls);
  return {
    policy,
    calls,
    coldShare: calls === 0 ? 0 : sum(({ started }) => started) / calls,
    lateShare: calls === 0 ? 0 : sum(({ late }) => late) / calls,
    lateSeconds: sum(({ lateSeconds }) => lateSeconds),
    waitedSeconds: sum(({ waitedSeconds }) => waitedSeconds),
    idleGbSeconds: [
      {
        tier: 'central',
        running: sum(({ idleGbSeconds }) => idleGbSeconds.running),
        frozen: sum(({ idleGbSeconds }) => idleGbSeconds.frozen),
      },
    ],
    windowMs,
  };
}
