import type { PolicyTrial, TrialVerdict, WindowPrice } from '../../core/warming/policy-trial';

/** Which policy decides, with a number that grows with each change. */
export interface PolicyTrialRecord extends PolicyTrial {
  /** 0 as long as nobody has chosen anything. */
  readonly generation: number;
  readonly updatedAt: Date;
}

/** What came of a window that was judged. */
export interface PolicyVerdictRecord {
  /** Of the workflow run that judged. */
  readonly runId: string;
  readonly workflowId: string;
  readonly at: Date;
  readonly from: Date;
  readonly to: Date;
  readonly decision: TrialVerdict['decision'];
  readonly reason: string;
  readonly prices: readonly WindowPrice[];
}

export interface PolicyStore {
  /** Null before anything was chosen: then the configuration's policy decides. */
  policyTrial(): Promise<PolicyTrialRecord | null>;
  /**
   * Replaces it, if it is still of that generation (0: nothing was chosen yet).
   * @throws PlatformError precondition_failed when somebody was faster
   */
  setPolicyTrial(next: PolicyTrial, generation: number): Promise<PolicyTrialRecord>;
  /**
   * Writes a verdict, and with it the trial that follows from it. One that is known already is not written again, nor is its
   * trial. @throws PlatformError precondition_failed, and nothing is written
   */
  writePolicyVerdict(
    verdict: Omit<PolicyVerdictRecord, 'at'>,
    change: { readonly next: PolicyTrial; readonly generation: number } | null,
  ): Promise<void>;
  /** Newest first. */
  policyVerdicts(limit: number): Promise<readonly PolicyVerdictRecord[]>;
}
