import type { NamedHistory } from '../../../core/forecast/history-codec';
import type { TracedFunction } from '../../traces/trace-set';

/** Minutes by which one repetition of a function begins before the other: no whole number of hours or days. */
const SHIFT = 397;

/**
 * So many functions with a past of so many minutes: those of the trace, each from its last minutes, and once all are taken,
 * the same again from earlier minutes of theirs, as far back as they go.
 */
export function repeatedFunctions(traced: readonly TracedFunction[], count: number, minutes: number): NamedHistory[] {
  return Array.from({ length: count }, (_, index) => {
    const { counts, firstMinute } = traced[index % traced.length] as TracedFunction;
    const room = Math.max(0, counts.length - minutes);
    const from = room - ((Math.floor(index / traced.length) * SHIFT) % (room + 1));
    return {
      functionId: `function-${index}`,
      tenant: 'bench',
      function: `function-${index}`,
      firstMinute: firstMinute + from,
      counts: counts.slice(from, from + minutes),
    };
  });
}
