import { PlatformError } from '../../core/error/platform-error';
import type { PolicyTrial } from '../../core/warming/policy-trial';
import type { PolicyStore, PolicyTrialRecord, PolicyVerdictRecord } from '../../drivers/store/policy-store';

export function memoryPolicies(now: () => Date): PolicyStore {
  let trial: PolicyTrialRecord | null = null;
  const verdicts = new Map<string, PolicyVerdictRecord>();

  const replace = (next: PolicyTrial, generation: number): PolicyTrialRecord => {
    if ((trial?.generation ?? 0) !== generation) {
      throw new PlatformError('precondition_failed', 'The policies have been changed meanwhile');
    }
    return (trial = { ...next, generation: generation + 1, updatedAt: now() });
  };
  return {
    policyTrial: async () => trial,
    setPolicyTrial: async (next, generation) => replace(next, generation),
    writePolicyVerdict: async (verdict, change) => {
      if (verdicts.has(verdict.runId)) return;
      if (change) replace(change.next, change.generation);
      verdicts.set(verdict.runId, { ...verdict, at: now() });
    },
    policyVerdicts: async (limit) => [...verdicts.values()].reverse().slice(0, limit),
  };
}
