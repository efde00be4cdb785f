import { CancellationScope, proxyActivities, sleep, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import { changeReplicasInput, type ChangeReplicasInput } from '../core/control/workflow-inputs';
import { evenShares } from '../core/plan/even-shares';
import { reasonOf, validated } from './failure';
import { BACK_OUT_MS, drainFrom, HEARD_MS } from './leave-node';
import { MOVE, MOVE_BACK, QUICK, TEMPLATE } from './options';
import { Progress } from './progress';
import { FUNCTION_NAME, NODE_NAME, TENANT_ID } from './search-attributes';

const acts = proxyActivities<Activities>(MOVE);
const patient = proxyActivities<Activities>(MOVE_BACK);
const quick = proxyActivities<Activities>(QUICK);
const starting = proxyActivities<Activities>(TEMPLATE);

export interface ChangeReplicasResult {
  readonly function: string;
  /** On which it is now. */
  readonly nodes: readonly string[];
}

/**
 * Has a function on one node more, or on one less. A node more gets its instance before it gets traffic; one less loses its
 * traffic before its instances. It runs under the id of the function's migrations, so that one of both changes it at a time.
 */
export async function changeReplicas(input: ChangeReplicasInput): Promise<ChangeReplicasResult> {
  const wish = validated('changeReplicas', changeReplicasInput, input);
  const { tenant, function: name, add, remove } = wish;
  upsertSearchAttributes([
    { key: FUNCTION_NAME, value: name },
    { key: TENANT_ID, value: tenant },
    { key: NODE_NAME, value: add ?? remove ?? '' },
  ]);
  const progress = new Progress(add === undefined ? `${name} leaves ${remove}` : `${name} on ${add} too`);
  try {
    const nodes = add === undefined ? await leave(remove ?? '') : await join(add);
    progress.finish(`${name} is on ${nodes.join(', ')}`);
    return { function: name, nodes };
  } catch (error) {
    progress.finish(reasonOf(error));
    throw error;
  }

  async function join(node: string): Promise<string[]> {
    const { workflowId, runId } = workflowInfo();
    progress.begin('check');
    const ends = { tenant, function: name, to: node };
    const { functionId, from, refs, shares, generation } = await acts.checkMigration({
      ...ends,
      reason: 'placement',
      workflowId,
    });
    const move = { ...ends, functionId, from };
    const keys = refs.map((ref) => ({ ref, key: `${workflowId}/${runId}/${ref.revision}` }));
    try {
      progress.begin(`start on ${node}, wait until ready, health check`);
      for (const { ref, key } of keys) {
        const { instance, startMs } = await starting.startTemplate({ ref, node, key, warmUp: true });
        await acts.releaseTemplate({ node, instance, keep: true });
        progress.note(`revision ${ref.revision} in ${startMs.toFixed(0)} ms`);
      }
      progress.begin('send it the users that it is nearest to');
      const placed = shares.filter(({ weight }) => weight > 0).map((share) => share.node);
      const nodes = [...placed, node];
      await acts.shiftPlacement({ functionId, shares: evenShares(nodes), expect: generation, fence: null });
      return nodes;
    } catch (error) {
      await CancellationScope.nonCancellable(async () => {
        progress.begin(`put everything back: ${reasonOf(error)}`);
        for (const { key } of keys) await patient.giveUpTemplate({ node, key });
        await drainFrom(node, move, BACK_OUT_MS);
      });
      throw error;
    }
  }

  async function leave(node: string): Promise<string[]> {
    progress.begin('take its traffic away');
    const facts = await quick.replicaFacts({ tenant, function: name });
    const nodes = facts.nodes.map((share) => share.node).filter((other) => other !== node);
    if (nodes.length === 0) return facts.nodes.map((share) => share.node);
    const { functionId, generation } = facts;
    await acts.shiftPlacement({ functionId, shares: evenShares(nodes), expect: generation, fence: null });
    await sleep(HEARD_MS, { summary: 'gateways hear of it' });
    progress.begin(`drain ${node}`);
    const move = { tenant, function: name, functionId, from: node, to: nodes[0] ?? '' };
    await drainFrom(node, move, wish.drainSeconds * 1000);
    return nodes;
  }
}
