import type { Isolation } from '../core/function/isolation';
import type { WarmthRecord } from '../drivers/store/warming-store';

/** What is asked of the one who decides what is held warm. */
export interface WarmthQuery {
  /** What the decisions share; they are made for all functions, and told of those that are chosen. */
  readonly decisionId: string;
  /** Without: all tenants, all their functions. */
  readonly tenant?: string | undefined;
  readonly functions?: readonly string[] | undefined;
  /** Another than the configured one. @throws PlatformError invalid_argument when there is none of that name */
  readonly policy?: string | undefined;
  /** True: nothing of it is remembered. */
  readonly dryRun: boolean;
  /** Nodes that will be told, with the memory that instances may be promised there, in bytes. */
  readonly nodes: readonly {
    readonly name: string;
    readonly memoryBytes: number;
    /** What it offers; left out: `agent`. */
    readonly isolation?: Isolation | undefined;
  }[];
}

export interface WarmthPlan {
  readonly policy: string;
  readonly decisions: readonly WarmthRecord[];
  /** Of these, those that could have all they asked for until now. */
  readonly newlyCapped: readonly WarmthRecord[];
  /** Functions whose past has not been read yet: nothing is decided for them. */
  readonly waiting: number;
  /** Of arithmetic. */
  readonly seconds: number;
}

/** Decides what is held warm; lives in the control worker, with the pasts of all functions in its memory. */
export interface WarmthPlanner {
  plan(query: WarmthQuery): Promise<WarmthPlan>;
}
