import { isPlatformError } from '../core/error/platform-error';
import type { PolicyVerdict } from '../core/court/verdict';
import {
  initialTrial,
  judgeWindow,
  policiesOnTrial,
  type PolicyTrial,
  type TrialVerdict,
} from '../core/warming/policy-trial';
import { courtNodes } from './court-nodes';
import type { ActivityDependencies } from './dependencies';
import { recordedWindow, type RecordedWindow } from './recorded-window';

/** Functions that a report tells of: those with the highest price. */
const SHOWN_FUNCTIONS = 50;

/** A run that is repeated finds its own verdict among these. */
const LAST_VERDICTS = 20;

/** What a policy had done in a window. `functions` holds those with the highest price, by `tenant/function`. */
export type PolicyReport = PolicyVerdict;

/** A window as it travels: moments as RFC 3339. */
export interface WindowOf {
  readonly tenant: string | undefined;
  readonly functions: readonly string[] | undefined;
  readonly from: string;
  readonly to: string;
}

/** Replays what was recorded under policies, and carries out what follows from it. */
export function courtActivities(dependencies: ActivityDependencies) {
  const { store, court, platform, now } = dependencies;
  return {
    /** The policies that a window is to be replayed under, the live one first. */
    async policiesOnTrial(): Promise<string[]> {
      return policiesOnTrial((await store.policyTrial()) ?? initialTrial(platform.policy));
    },

    /** @throws PlatformError invalid_argument for a window that cannot be replayed */
    async replayWindow({ policy, from, to, ...chosen }: WindowOf & { policy: string }): Promise<PolicyReport> {
      const window: RecordedWindow = { ...chosen, from: new Date(from), to: new Date(to) };
      const { recorded, names } = await recordedWindow(dependencies, await courtNodes(dependencies), window);
      const verdict = await court.replay(recorded, policy);
      const functions = verdict.functions
        .map((item, index) => ({ ...item, id: names[index] ?? item.id }))
        .filter(({ calls, price }) => calls > 0 || price.total > 0)
        .sort((a, b) => b.price.total - a.price.total)
        .slice(0, SHOWN_FUNCTIONS);
      return { ...verdict, policy, functions };
    },

    /** Judges a window and carries the verdict out, once for each run. */
    async applyVerdict(input: {
      runId: string;
      workflowId: string;
      from: string;
      to: string;
      prices: readonly { policy: string; calls: number; price: number }[];
    }): Promise<Pick<TrialVerdict, 'decision' | 'reason'>> {
      const { runId, workflowId, prices } = input;
      const known = (await store.policyVerdicts(LAST_VERDICTS)).find((verdict) => verdict.runId === runId);
      if (known) return { decision: known.decision, reason: known.reason };
      const record = await store.policyTrial();
      const { live, challenger, previous, probation, reverted } = record ?? initialTrial(platform.policy);
      const trial: PolicyTrial = { live, challenger, previous, probation, reverted };
      const verdict = judgeWindow(trial, prices);
      const window = { from: new Date(input.from), to: new Date(input.to) };
      const row = { runId, workflowId, ...window, prices, decision: verdict.decision, reason: verdict.reason };
      const changed = record !== null && verdict.next !== trial;
      const change = changed ? { next: verdict.next, generation: record.generation } : null;
      try {
        await store.writePolicyVerdict(row, change);
      } catch (error) {
        if (!isPlatformError(error) || error.code !== 'precondition_failed') throw error;
        // Somebody chose meanwhile: what was judged is no longer what decides.
        const reason = 'the policies were changed while this window was judged';
        await store.writePolicyVerdict({ ...row, decision: 'keep', reason }, null);
        return { decision: 'keep', reason };
      }
      if (verdict.decision !== 'keep') {
        const data = { from: live, to: verdict.next.live, reason: verdict.reason };
        const type = verdict.decision === 'promote' ? 'warming.promoted' : 'warming.reverted';
        await store.writeEvents([{ at: new Date(now()), tenant: null, type, function: null, node: null, data }]);
      }
      return { decision: verdict.decision, reason: verdict.reason };
    },
  };
}
