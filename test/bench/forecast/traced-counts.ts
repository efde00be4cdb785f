import type { TracedFunction } from '../../../bench/traces/trace-set';

const MONDAY = 5_760;

/** A traced function of these counts, of no class. */
export function traced(id: string, counts: ArrayLike<number>, facts: Partial<TracedFunction> = {}): TracedFunction {
  return {
    id,
    tier: 'T2',
    pattern: 'unknown',
    core: true,
    firstMinute: MONDAY,
    profile: null,
    counts: Float64Array.from(counts),
    ...facts,
  };
}
