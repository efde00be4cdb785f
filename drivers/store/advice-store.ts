import type { Advice } from '../../core/cost/advice/advice';
import type { MemoryLooks } from '../../core/cost/advice/memory-looks';
import type { StrategyName } from '../../core/cost/advice/strategies';

/** What one agent saw of the memory of a revision's instances in an hour. */
export interface MemoryHour {
  readonly revisionId: string;
  /** Its begin. */
  readonly hour: Date;
  readonly node: string;
  /** Of the agent's process. */
  readonly incarnation: string;
  readonly looks: MemoryLooks;
}

/** All that was seen of a revision in a time. */
export interface RevisionMemory {
  readonly revisionId: string;
  readonly looks: MemoryLooks;
  /** The first hour and the last in which anybody looked. */
  readonly firstHour: Date;
  readonly lastHour: Date;
}

/**
 * `open`: nobody has decided. `applying`, `watching`: it was applied, and is looked after. Then `kept`, `reverted` (it had lost, or
 * somebody wanted so), or `failed` (it could not be applied, and all is as it was).
 */
export const ADVICE_STATES = ['open', 'applying', 'watching', 'kept', 'reverted', 'failed'] as const;
export type AdviceState = (typeof ADVICE_STATES)[number];

/** A recommendation, and what became of it. */
export interface AdviceRecord extends Advice {
  /** By what it changes (`adviceId`). */
  readonly id: string;
  readonly state: AdviceState;
  /** Why it is in this state, for people; null for an open one. */
  readonly reason: string | null;
  /** When it was last found to hold. */
  readonly foundAt: Date;
  /** Id of the key that applied it; `policy`: the configuration. */
  readonly appliedBy: string | null;
  readonly appliedAt: Date | null;
  readonly decidedAt: Date | null;
  readonly workflowId: string | null;
}

/** What rested for a function, bytes × milliseconds. */
export interface HeldMemory {
  readonly functionId: string;
  readonly runningByteMs: number;
  readonly frozenByteMs: number;
}

/** What was looked at when recommendations were found: others stay as they are. */
export interface AdviceScope {
  readonly at: Date;
  /** Null: everything. */
  readonly tenant: string | null;
  /** Null: all strategies. */
  readonly strategies: readonly StrategyName[] | null;
}

export type FoundAdvice = Pick<
  AdviceRecord,
  'id' | 'strategy' | 'tenant' | 'function' | 'title' | 'evidence' | 'monthlySaving' | 'confidence' | 'change'
>;

/** A step of a recommendation's life; what is left out stays. */
export interface AdviceStep {
  readonly state: AdviceState;
  readonly reason?: string | null;
  readonly appliedBy?: string | null;
  readonly appliedAt?: Date | null;
  readonly decidedAt?: Date | null;
  readonly workflowId?: string | null;
}

export interface AdviceStore {
  /** Of the hours that touch `from` (inclusive) to `to` (exclusive), all nodes together. */
  revisionMemory(query: { readonly from: Date; readonly to: Date }): Promise<readonly RevisionMemory[]>;

  /** Memory-time that rested for each function in the whole minutes from `from` (inclusive) to `to` (exclusive). */
  heldMemory(query: { readonly from: Date; readonly to: Date }): Promise<readonly HeldMemory[]>;

  /**
   * Takes the place of all that is open and of what was found before. What is being applied or watched stays as it is; what was
   * reverted gets the new figures and stays reverted.
   */
  replaceAdvice(found: readonly FoundAdvice[], scope: AdviceScope): Promise<void>;
  findAdvice(id: string): Promise<AdviceRecord | null>;
  /** The greatest saving first. @param query.tenant its own; null: all, those of the whole platform too */
  advice(query: {
    readonly tenant: string | null;
    readonly states?: readonly AdviceState[] | undefined;
    readonly limit?: number | undefined;
  }): Promise<readonly AdviceRecord[]>;
  /** @throws PlatformError not_found; precondition_failed where it is in none of the states of `onlyIf` */
  stepAdvice(id: string, step: AdviceStep, onlyIf: readonly AdviceState[]): Promise<AdviceRecord>;
}
