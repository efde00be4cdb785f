import type { Advice } from '../../core/cost/advice/advice';
import type { AdviceFacts } from '../../core/cost/advice/advice-facts';
import type { StrategyName } from '../../core/cost/advice/strategies';

/** What the strategies are asked. */
export interface AdviceRequest {
  readonly facts: AdviceFacts;
  /** Left out: all. */
  readonly only?: readonly StrategyName[] | undefined;
}

/** Asks the strategies; seconds of arithmetic, where nodes are many, that must not hold up whoever asks. */
export interface CostAdvisor {
  advise(request: AdviceRequest): Promise<readonly Advice[]>;
  close(): Promise<void>;
}
