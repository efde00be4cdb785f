import type { Advice, Confidence, Strategy } from './advice';
import type { AdviceFacts, MemoryUse, ObservedFunction } from './advice-facts';
import { monthlyOf } from './monthly';

const MIB = 2 ** 20;
const GB = 1e9;
/** What is left above the highest use that was ever seen, and above what 99 of 100 looks saw. */
const [ABOVE_PEAK, ABOVE_P99] = [1.1, 1.25] as const;
const [STEP_MIB, LEAST_MIB] = [16, 64] as const;
/** A smaller cut is not worth a deploy. */
const LEAST_CUT = 0.15;
/** Fewer looks, or over a shorter time, say nothing; so many over a day say enough. */
const [FEWEST_SAMPLES, FEWEST_HOURS] = [100, 1] as const;
const [SURE_SAMPLES, SURE_HOURS] = [1_000, 24] as const;

/** A limit lower than the one in force, from what instances were seen to use. Memory is charged by its limit, in use and idle. */
export const rightSizeMemory: Strategy = {
  name: 'right-size-memory',
  description: 'a memory limit a little above what instances were ever seen to use',
  advise: (facts) => facts.functions.flatMap((fn) => adviceFor(fn, facts)),
};

/** The limit for a use, in bytes: whole steps of 16 MiB, at least 64. */
export function limitFor({ peakBytes, p99Bytes }: Pick<MemoryUse, 'peakBytes' | 'p99Bytes'>): number {
  const needed = Math.max(ABOVE_PEAK * peakBytes, ABOVE_P99 * p99Bytes) / MIB;
  return MIB * Math.max(LEAST_MIB, STEP_MIB * Math.ceil(needed / STEP_MIB));
}

function adviceFor(fn: ObservedFunction, { windowMs, tiers }: AdviceFacts): Advice[] {
  const { memory, memoryBytes, tenant, name, revision, idleGbSeconds } = fn;
  if (!memory || memory.samples < FEWEST_SAMPLES || memory.hours < FEWEST_HOURS) return [];
  const limit = limitFor(memory);
  const cut = 1 - limit / memoryBytes;
  if (cut < LEAST_CUT) return [];
  const prices = tiers[fn.tier];
  const busy = (memoryBytes / GB) * (fn.executeMs / 1000);
  const monthlySaving =
    monthlyOf(cut * (busy + idleGbSeconds.running), prices.gbSecondRunning, windowMs) +
    monthlyOf(cut * idleGbSeconds.frozen, prices.gbSecondFrozen, windowMs);
  if (monthlySaving <= 0n) return [];
  const mib = limit / MIB;
  return [
    {
      strategy: 'right-size-memory',
      tenant,
      function: name,
      title: `${tenant}/${name} is given ${shown(memoryBytes)} MiB and never used more than ${shown(memory.peakBytes)}: ${mib} MiB are enough`,
      evidence: [
        { name: 'limit', value: memoryBytes, unit: 'bytes' },
        { name: 'peak', value: memory.peakBytes, unit: 'bytes' },
        { name: 'p99', value: memory.p99Bytes, unit: 'bytes' },
        { name: 'looks at instances', value: memory.samples, unit: null },
        { name: 'over', value: Number(memory.hours.toFixed(1)), unit: 'hours' },
        { name: 'memory-time while serving', value: busy, unit: 'GB·s' },
        { name: 'memory-time while idle', value: idleGbSeconds.running + idleGbSeconds.frozen, unit: 'GB·s' },
      ],
      monthlySaving,
      confidence: confidenceIn(memory),
      change: { kind: 'spec', tenant, function: name, revision, set: { memory: `${mib}Mi` } },
    },
  ];
}

function confidenceIn({ samples, hours }: MemoryUse): Confidence {
  return samples >= SURE_SAMPLES && hours >= SURE_HOURS ? 'high' : 'medium';
}

function shown(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}
