import { createHash } from 'node:crypto';
import type { AdviceChange } from './advice-change';
import type { AdviceFacts } from './advice-facts';
import type { StrategyName } from './strategies';

/** How sure: `high` is measured over days, `low` rests on an assumption that the evidence names. */
export const CONFIDENCES = ['high', 'medium', 'low'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** One thing that was observed, or reckoned from what was. */
export interface Evidence {
  readonly name: string;
  readonly value: number | string;
  /** Null for words. */
  readonly unit: string | null;
}

/** What a strategy advises, before anybody has decided. */
export interface Advice {
  readonly strategy: StrategyName;
  /** Null for what concerns the whole platform. */
  readonly tenant: string | null;
  readonly function: string | null;
  /** One sentence for people. */
  readonly title: string;
  readonly evidence: readonly Evidence[];
  /** Picodollars in 30 days, as the ledger reckons. */
  readonly monthlySaving: bigint;
  readonly confidence: Confidence;
  readonly change: AdviceChange;
}

/** Looks for one kind of waste. Pure: equal facts give equal advice. */
export interface Strategy {
  readonly name: StrategyName;
  /** One sentence for people. */
  readonly description: string;
  advise(facts: AdviceFacts): readonly Advice[];
}

/** The same advice has the same id, however often it is given: 12 hex digits of what it changes. */
export function adviceId({ strategy, change }: Pick<Advice, 'strategy' | 'change'>): string {
  const keys = Object.entries(change).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([strategy, keys]))
    .digest('hex')
    .slice(0, 12);
}
