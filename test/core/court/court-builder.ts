import {
  DEFAULT_COURT_DELAYS,
  type CourtCalls,
  type CourtCase,
  type CourtFunction,
  type CourtNode,
} from '../../../core/court/court-case';
import { DEFAULT_PRICES } from '../../../core/warming/prices';
import type { Replayed } from '../../../core/court/replay-calls';
import type { WarmFunction } from '../../../core/warming/warming-policy';

export const MINUTE = 60_000;
export const GIB = 2 ** 30;

type FunctionParts = Partial<Omit<CourtFunction, 'warm'>> & { readonly warm?: Partial<WarmFunction> };

/** A function of 1 GB and 1 GiB: 2 ms to thaw, 20 to restore, 50 with a fetch, 500 from nothing. */
export function courtFunction({ warm, ...parts }: FunctionParts = {}): CourtFunction {
  return {
    warm: {
      id: 'f',
      memoryGb: 1,
      rungs: [
        { name: 'frozen', holding: 1, delaySeconds: 0.002, delayPrice: 20 },
        { name: 'nothing', holding: 0, delaySeconds: 0.5, delayPrice: 5_000 },
      ],
      executeSeconds: 0.1,
      concurrency: 1,
      min: 0,
      max: 10,
      ...warm,
    },
    believed: null,
    memoryBytes: GIB,
    keepAliveMs: 10 * MINUTE,
    node: 0,
    checkpoint: null,
    starts: { warm: [2], local: [20], remote: [50], cold: [500] },
    joins: [],
    seen: false,
    ...parts,
  };
}

export function courtNode(parts: Partial<CourtNode> = {}): CourtNode {
  return {
    memoryBytes: 100 * GIB,
    imageBytes: 10 * GIB,
    cores: 2,
    parallelRestores: 2,
    parallelColdStarts: 4,
    canFreeze: true,
    ...parts,
  };
}

/** Calls as `[arrival, execute, function]`, in milliseconds. */
export function courtCalls(...calls: readonly (readonly [at: number, executeMs?: number, fn?: number])[]): CourtCalls {
  return {
    functions: Uint32Array.from(calls, ([, , fn = 0]) => fn),
    at: Float64Array.from(calls, ([at]) => at),
    executeMs: Float64Array.from(calls, ([, executeMs = 100]) => executeMs),
    cpuMs: null,
    measured: null,
  };
}

export function courtCase(calls: CourtCalls, parts: Partial<CourtCase> = {}): CourtCase {
  return {
    functions: [courtFunction()],
    nodes: [courtNode()],
    calls,
    window: { from: 0, to: 60 * MINUTE },
    prices: DEFAULT_PRICES,
    delays: DEFAULT_COURT_DELAYS,
    forecasts: null,
    seed: 1,
    ...parts,
  };
}

/** What each call got: kind, cause and milliseconds of waiting. */
export function gotten({ outcomes }: Replayed): [kind: string | undefined, cause: string | null, waitMs: number][] {
  return [...outcomes.waitMs].map((waitMs, call) => [outcomes.kindOf(call), outcomes.causeOf(call), waitMs]);
}
