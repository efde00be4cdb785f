import type { AdviceFacts, ObservedFunction, PolicyEvidence } from '../../../../core/cost/advice/advice-facts';
import { PRICE_PRESETS } from '../../../../core/cost/price-presets';

export const MIB = 2 ** 20;
export const DAY_MS = 86_400_000;
const { prices } = PRICE_PRESETS['aws-lambda'];

/** A function that is given 256 MiB and uses 70, called a thousand times a day for a second each. */
export function observed(change: Partial<ObservedFunction> = {}): ObservedFunction {
  return {
    tenant: 'acme',
    name: 'pay',
    revision: 3,
    memoryBytes: 256 * MIB,
    cpuMillis: 500,
    checkpoint: 'first-request',
    tier: 'central',
    calls: 1_000,
    executeMs: 1_000_000,
    cpuMicros: 1e8,
    idleGbSeconds: { running: 10, frozen: 20_000 },
    memory: { samples: 5_000, p99Bytes: 60 * MIB, peakBytes: 70 * MIB, hours: 24 },
    restores: 500,
    coldSeconds: 1,
    restoreSeconds: 0.025,
    sealedBytes: 10e6,
    ...change,
  };
}

/** A day of those functions. */
export function facts(functions: readonly ObservedFunction[], change: Partial<AdviceFacts> = {}): AdviceFacts {
  const tiers = { edge: prices, regional: prices, central: prices };
  return { windowMs: DAY_MS, tiers, functions, policies: [], placement: null, ...change };
}

/** What a policy did with ten thousand calls of a day. */
export function evidence(policy: string, change: Partial<PolicyEvidence & { frozen: number }> = {}): PolicyEvidence {
  const { frozen = 10_000, ...rest } = change;
  return {
    ...{ policy, calls: 10_000, coldShare: 0.02, lateShare: 0.02, lateSeconds: 0, waitedSeconds: 200 },
    idleGbSeconds: [{ tier: 'central', running: 0, frozen }],
    windowMs: DAY_MS,
    ...rest,
  };
}
