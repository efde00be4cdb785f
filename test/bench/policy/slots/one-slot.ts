import type { SlotFunction } from '../../../../bench/policy/slots/slot-function';

/** A function of 1 GB whose calls come at these seconds, take one second each and find the first slot free. */
export function oneSlot(calls: readonly number[], facts: Partial<SlotFunction> = {}): SlotFunction {
  return {
    id: 'f',
    pattern: 'random',
    memoryGb: 1,
    coldSeconds: 2,
    executeSeconds: 1,
    counts: new Float64Array(Math.ceil((calls.at(-1) ?? 0) / 60) + 1),
    slots: [slotOf(calls)],
    ...facts,
  };
}

/** The rests between such calls. */
export function slotOf(calls: readonly number[]): SlotFunction['slots'][number] {
  return {
    from: Float64Array.from([-1, ...calls.map((call) => call + 1)]),
    to: Float64Array.from([...calls, Infinity]),
  };
}
