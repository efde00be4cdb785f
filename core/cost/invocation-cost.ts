import { CALL_COMPONENTS, CALL_SCALES, callAmount, gigabytePrice, type CallComponent } from './call-usage';
import type { Pico } from './money';
import { COMPONENT_UNITS, type UnitPrices } from './price-table';

/** What one invocation used. */
export interface InvocationUsage {
  /** An instance was reached: what was refused before is no request that is charged. */
  readonly served: boolean;
  /** Null: not measured; then it costs nothing by itself. */
  readonly cpuMicros: number | null;
  /** Memory that it held, by the time that it held it: bytes × milliseconds. */
  readonly memoryByteMs: number;
  /** Of the answer's body. */
  readonly bytesOut: number;
  /** Of whoever got the answer, and of the node that gave it; null: not known. */
  readonly callerRegion: string | null;
  readonly nodeRegion: string | null;
  readonly totalMs: number;
  /** Latency promised by the function's `sla`; null: none. */
  readonly slaMs: number | null;
}

/** One part of a cost: quantity × price = amount, rounded once. */
export interface CostPart {
  readonly component: CallComponent;
  readonly quantity: number;
  readonly unit: string;
  /** Micro-dollars a unit. */
  readonly price: number;
  readonly amount: Pico;
}

export interface InvocationCost {
  readonly parts: readonly CostPart[];
  /** The sum of the parts, exactly. */
  readonly total: Pico;
}

/**
 * What an invocation costs: the founding document's compute + memory + network + business impact, and a price for each request.
 * Checkpoints and idle warmth are kept for the function and not for a call. `CostSum` reckons the same for many.
 */
export function invocationCost(usage: InvocationUsage, prices: UnitPrices): InvocationCost {
  const { slaMs } = usage;
  const used = [
    usage.served ? 1 : 0,
    usage.cpuMicros ?? 0,
    usage.memoryByteMs,
    usage.bytesOut,
    slaMs === null ? 0 : Math.max(0, usage.totalMs - slaMs),
  ];
  const price = [
    prices.request,
    prices.cpuSecond,
    prices.gbSecondRunning,
    gigabytePrice(prices, usage.callerRegion, usage.nodeRegion),
    prices.slaSecond,
  ];
  const parts = CALL_COMPONENTS.map((component, index): CostPart => {
    const [quantity, scale, each] = [used[index] ?? 0, CALL_SCALES[index] ?? 1, price[index] ?? 0];
    const amount = callAmount(quantity, scale, each);
    return { component, quantity: quantity / scale, unit: COMPONENT_UNITS[component], price: each, amount };
  });
  return { parts, total: parts.reduce((sum, { amount }) => sum + amount, 0) };
}
