import type { SlotSource } from '../policy/slots/slot-functions';
import type { SlotFunction } from '../policy/slots/slot-function';

const MIB = 2 ** 20;
/** What a manifest gives that says nothing. */
const DEFAULT_MIB = 256;
/** Share of an instance's memory that its sealed checkpoint takes, as `npm run bench -- court` has it. */
const SEALED_SHARE = 0.12;

/** A function of the policy bench with what it was given and what it used. */
export interface SavingsFunction {
  readonly slots: SlotFunction;
  readonly usedBytes: number;
  readonly p99Bytes: number;
  readonly peakBytes: number;
  /** By default; doubled by its owner until it is enough. */
  readonly givenBytes: number;
  readonly sealedBytes: number;
}

/** @param source the same function as the trace has it */
export function savingsFunction(slots: SlotFunction, source: SlotSource): SavingsFunction {
  const used = source.memoryMb * MIB;
  const p99Bytes = Math.max(used, (source.memoryP99Mb ?? 0) * MIB);
  const peakBytes = Math.max(p99Bytes, (source.memoryPeakMb ?? 0) * MIB);
  let given = DEFAULT_MIB * MIB;
  while (given < peakBytes) given *= 2;
  return { slots, usedBytes: used, p99Bytes, peakBytes, givenBytes: given, sealedBytes: SEALED_SHARE * used };
}
