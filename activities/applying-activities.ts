import { randomUUID } from 'node:crypto';
import type { AdviceChange } from '../core/cost/advice/advice-change';
import type { PolicyEvidence } from '../core/cost/advice/advice-facts';
import { FEWEST_CALLS, judgeAdvice, type AdviceVerdict } from '../core/cost/advice/judge-advice';
import { chargedCost } from '../core/cost/advice/keep-alive';
import { PlatformError } from '../core/error/platform-error';
import { parseManifest } from '../core/function/manifest';
import { revisionDigest } from '../core/function/revision-digest';
import { initialTrial, putLive, type PolicyTrial } from '../core/warming/policy-trial';
import { deployWorkflowId } from '../core/control/workflow-inputs';
import type { AdviceRecord, AdviceState, AdviceStep } from '../drivers/store/advice-store';
import type { RevisionRecord } from '../drivers/store/store';
import { adviceStanding, patched } from './advice-standing';
import type { ActivityDependencies } from './dependencies';
import { observedWindow } from './observed-window';

/** By then the ledger has what was called. */
const POSTED_MS = 120_000;

/** A recommendation as its workflow needs it. */
export interface BegunAdvice extends Pick<AdviceRecord, 'id' | 'strategy' | 'tenant' | 'function' | 'change'> {
  readonly title: string;
}

/** Carries recommendations out, judges what came of them, and takes them back. */
export function applyingActivities(dependencies: ActivityDependencies) {
  const { store, platform, prices, now } = dependencies;

  return {
    /**
     * Claims a recommendation for a workflow. A repeat by the same workflow finds it claimed already.
     * @throws PlatformError not_found; precondition_failed where it is not to be applied (or taken back), or no longer holds
     */
    async beginAdvice(input: { id: string; by: string; undo: boolean; workflowId: string }): Promise<BegunAdvice> {
      const { id, by, undo, workflowId } = input;
      const known = await store.findAdvice(id);
      if (!known) throw new PlatformError('not_found', `There is no recommendation ${id}`);
      if (!(known.state === 'applying' && known.workflowId === workflowId)) {
        const standing = await adviceStanding(dependencies, known.change);
        if (standing !== (undo ? 'applied' : 'before')) {
          throw new PlatformError(
            'precondition_failed',
            undo
              ? `Recommendation ${id} is not in force any more: there is nothing to take back`
              : `Recommendation ${id} was reckoned for what has changed since: look for savings again`,
          );
        }
        const from: readonly AdviceState[] = undo ? ['kept'] : ['open', 'reverted', 'failed'];
        await store.stepAdvice(
          id,
          { state: 'applying', reason: null, appliedBy: by, workflowId, decidedAt: null },
          from,
        );
      }
      const { strategy, tenant, function: name, change, title } = known;
      return { id, strategy, tenant, function: name, change, title };
    },

    /** A revision like the one in force, with the patch; made once, by its digest. */
    async patchedRevision({ change }: { change: Extract<AdviceChange, { kind: 'spec' }> }): Promise<PatchedRevision> {
      const { tenant, function: name } = change;
      const fn = await store.findFunction(tenant, name);
      const base = fn && (await store.findRevision(fn.id, change.revision));
      if (!fn || !base) throw new PlatformError('not_found', `${tenant}/${name} has no revision ${change.revision}`);
      const manifest = parseManifest(patched(base.manifest, change.set));
      const { codeDigest, codeKind } = base;
      const digest = revisionDigest(manifest.spec, { digest: codeDigest, kind: codeKind });
      const { revision } = await store.createRevision({ tenant, manifest, digest, codeDigest, codeKind });
      return { revision: revision.number, deploymentId: await deploymentOf(revision) };
    },

    /** Puts a policy in force instead of another. False: somebody has chosen a third meanwhile. */
    async switchPolicy({ from, to }: { from: string; to: string }): Promise<boolean> {
      const record = await store.policyTrial();
      const { live, challenger, previous, probation, reverted } = record ?? initialTrial(platform.policy);
      const trial: PolicyTrial = { live, challenger, previous, probation, reverted };
      if (live === to) return true;
      if (live !== from) return false;
      await store.setPolicyTrial(putLive(trial, to), record?.generation ?? 0);
      const data = { from, to, reason: 'a cost recommendation' };
      await store.writeEvents([{ at: new Date(now()), tenant: null, type: 'warming.switched', function: null, node: null, data }]); // prettier-ignore
      return true;
    },

    /** Whether the change is in force, so that it can be taken back. */
    async adviceApplied({ change }: { change: AdviceChange }): Promise<boolean> {
      return (await adviceStanding(dependencies, change)) === 'applied';
    },

    /** A drained node takes work again. */
    async readyNode({ node }: { node: string }): Promise<void> {
      await store.setNodeState(node, 'ready', { reason: null });
    },

    /** Writes down a step of its life, and tells of it. A repeat tells again at most. */
    async noteAdvice({
      advice,
      state,
      reason,
    }: {
      advice: BegunAdvice;
      state: AdviceState;
      reason: string;
    }): Promise<void> {
      const at = new Date(now());
      const times: Partial<AdviceStep> = state === 'watching' ? { appliedAt: at } : { decidedAt: at };
      await store.stepAdvice(advice.id, { state, reason, ...times }, ['applying', 'watching', state]);
      const { id, strategy, tenant, function: name } = advice;
      const type = `cost.advice.${state === 'watching' ? 'applied' : state}`;
      const data = { id, strategy, title: advice.title, reason };
      await store.writeEvents([{ at, tenant, type, function: name, node: null, data }]);
    },

    /**
     * What came of a change: of a policy by the court's replays of the same calls, of all else by what the ledger has of the time since,
     * beside as long before. @param input moments as RFC 3339; `replayed`: the policy in force first, then the one before
     */
    async judgeAdvice(input: {
      change: AdviceChange;
      appliedAt: string;
      to: string;
      replayed: readonly PolicyEvidence[];
    }): Promise<AdviceVerdict> {
      const { change, replayed } = input;
      const [live, before] = replayed;
      if (live && before) {
        const windowOf = (evidence: PolicyEvidence) => ({
          calls: evidence.calls,
          cost: chargedCost(evidence, prices),
          failures: 0,
          late: Math.round(evidence.lateShare * evidence.calls),
        });
        return judgeAdvice(windowOf(before), windowOf(live), live.calls < FEWEST_CALLS);
      }
      const applied = new Date(input.appliedAt);
      const to = new Date(Math.max(applied.getTime(), Date.parse(input.to) - POSTED_MS));
      const earlier = new Date(applied.getTime() - (to.getTime() - applied.getTime()));
      const target = 'tenant' in change ? change : null;
      return judgeAdvice(
        await observedWindow(store, target, earlier, applied),
        await observedWindow(store, target, applied, to),
      );
    },
  };

  async function deploymentOf({ tenant, function: name, number }: RevisionRecord): Promise<string> {
    const [running] = (
      await store.deployments({ tenant, function: name, revision: number, state: 'running', limit: 1 })
    ).items;
    if (running) return running.id;
    const workflowId = deployWorkflowId(tenant, name, number);
    return (await store.createDeployment({ id: randomUUID(), tenant, function: name, revision: number, workflowId }))
      .id;
  }
}

export interface PatchedRevision {
  readonly revision: number;
  readonly deploymentId: string;
}
