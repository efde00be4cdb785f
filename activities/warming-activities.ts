import { isolationOf } from '../core/function/isolation';
import type { Target } from '../agent/rpc/agent-messages';
import { toPlatformError } from '../core/error/platform-error';
import { limitTarget, peakOf } from '../core/warming/grant-targets';
import type { RevisionRecord } from '../drivers/store/store';
import type { WarmthRecord } from '../drivers/store/warming-store';
import type { ActivityDependencies } from './dependencies';
import { endStrays } from './end-strays';

/** Targets outlive one missed run of the minute's schedule, not two. */
const TARGET_VALID_MS = 150_000;
/** Bounds of one call to an agent: it takes 4 MiB. */
const [CALL_TARGETS, CALL_CHARACTERS] = [100, 1_500_000];
/** Places that an agent takes keep-alives of; the last is for all further ones. */
const MOST_PLACES = 1_000;
/** Functions that a workflow's result tells of; the rest is in the store. */
const SHOWN = 50;

/** One decision, as short as a person reads it. */
export interface ShownDecision {
  readonly tenant: string;
  readonly function: string;
  /** The most instances that are to be ready until the next decision. */
  readonly ready: number;
  readonly capped: boolean;
  readonly reason: string;
}

export interface PlannedWarmth {
  readonly policy: string;
  /** Functions that something was decided for, and instances to be ready of all of them. */
  readonly functions: number;
  readonly ready: number;
  /** Functions whose past has not been read yet. */
  readonly waiting: number;
  /** Nodes whose agent did not answer: nothing is planned for them. */
  readonly unreached: readonly NodeFailure[];
  /** Those with the most instances first. */
  readonly decisions: readonly ShownDecision[];
}

export interface NodeFailure {
  readonly node: string;
  readonly error: string;
}

export interface AppliedWarmth {
  /** Targets that each node took, and revisions that its memory did not hold. */
  readonly nodes: readonly { readonly node: string; readonly accepted: number; readonly capped: readonly string[] }[];
  /** Nodes that could not be told: their last targets count until they are over. */
  readonly unreached: readonly NodeFailure[];
  /** Functions that no node was told of, with the reason: deleted meanwhile, or a secret is missing. */
  readonly left: readonly { readonly function: string; readonly error: string }[];
}

/** Decides what is held warm, and tells the agents. */
export function warmingActivities({ store, cluster, agent, runSpec, now, warmth }: ActivityDependencies) {
  const targetOf = async (row: WarmthRecord, revision: RevisionRecord | undefined): Promise<Target> => {
    if (!revision) throw new Error(`Revision ${row.revision} does not exist any more`);
    const { scale, ...spec } = await runSpec(revision);
    const peak = peakOf(row);
    // Agents keep what is declared by themselves: where there is no money for calls, that is less.
    const runSpecJson = JSON.stringify({ ...spec, scale: { ...scale, min: Math.min(scale.min, peak) } });
    return { revisionId: row.revisionId, runSpecJson, ...asked(row, peak) };
  };

  return {
    /** Decides for the functions that are chosen; unless it is a dry run it is recorded under `decisionId`. */
    async planWarmth(input: {
      decisionId: string;
      tenant?: string | undefined;
      functions?: readonly string[] | undefined;
      policy?: string | undefined;
      dryRun: boolean;
    }): Promise<PlannedWarmth> {
      const unreached: NodeFailure[] = [];
      // Nothing new is held on a node that is to be left; what it holds rests as long as it was last told.
      const ready = (await cluster.nodes()).filter(({ state }) => state === 'ready');
      const offered = new Map(ready.map(({ name, labels }) => [name, isolationOf(labels)]));
      const nodes = await eachNode(ready.map(nameOf), unreached, async (name) => {
        const { memoryCapacityBytes } = await (await agent(name)).stats();
        return { name, memoryBytes: memoryCapacityBytes, isolation: offered.get(name) ?? 'agent' };
      });
      const { policy, decisions, newlyCapped, waiting, seconds } = await warmth.plan({ ...input, nodes });
      const planned = {
        policy,
        functions: decisions.length,
        ready: decisions.reduce((sum, row) => sum + peakOf(row), 0),
        waiting,
        unreached,
        decisions: shown(decisions),
      };
      if (input.dryRun) return planned;
      await store.writeWarmth(decisions);
      const at = new Date(now());
      await store.writeEvents([
        ...newlyCapped.map(({ tenant, function: name, reason, granted }) => {
          return { at, tenant, type: 'warming.capped', function: name, node: null, data: { reason, granted } };
        }),
        ...unreached.map(({ node, error }) => unreachedEvent(at, node, error)),
      ]);
      await store.addWarmingFigures({
        decisions: decisions.length,
        planSeconds: seconds,
        capped: decisions.filter(({ capped }) => capped).length,
        unreachedNodes: unreached.length,
      });
      return planned;
    },

    /** Every node is told of the functions that are placed on it or nowhere, of each as many instances as it was granted. */
    async applyTargets({ decisionId }: { decisionId: string }): Promise<AppliedWarmth> {
      const [rows, routes] = await Promise.all([store.warmthOf(decisionId), store.routes()]);
      const { functions } = routes;
      const revisions = new Map(functions.flatMap((fn) => fn.revisions).map((revision) => [revision.id, revision]));
      const left: { function: string; error: string }[] = [];
      const targets: { row: WarmthRecord; target: Target }[] = [];
      for (const row of rows) {
        try {
          targets.push({ row, target: await targetOf(row, revisions.get(row.revisionId)) });
        } catch (error) {
          // One whose secret is missing must not leave all others without their targets.
          left.push({ function: `${row.tenant}/${row.function}`, error: toPlatformError(error).message });
        }
      }
      const unreached: NodeFailure[] = [];
      const planned = (await cluster.nodes()).map(nameOf).filter((node) => rows.some(({ granted }) => node in granted));
      const nodes = await eachNode(planned, unreached, async (node) => {
        const own = targets.flatMap(({ row, target }) => {
          const granted = row.granted[node];
          return granted === undefined ? [] : [{ ...target, ...asked(row, granted) }];
        });
        const capped: string[] = [];
        let accepted = 0;
        for (const part of inCalls(own)) {
          const client = await agent(node);
          const reply = await client.setTargets({ targets: part, decisionId, validMs: TARGET_VALID_MS });
          accepted += reply.accepted;
          capped.push(...reply.capped);
        }
        return { node, accepted, capped };
      });
      const at = new Date(now());
      await store.writeEvents(unreached.map(({ node, error }) => unreachedEvent(at, node, error)));
      await store.addWarmingFigures({
        targets: nodes.reduce((sum, { accepted }) => sum + accepted, 0),
        unreachedNodes: unreached.length,
      });
      await endStrays({ cluster, agent }, routes);
      return { nodes, unreached, left };
    },
  };
}

/** All at once; one that fails is noted, and does not hold up the others. */
async function eachNode<T>(
  nodes: readonly string[],
  failed: NodeFailure[],
  work: (node: string) => Promise<T>,
): Promise<T[]> {
  const outcomes = await Promise.allSettled(nodes.map(work));
  return outcomes.flatMap((outcome, index) => {
    if (outcome.status === 'fulfilled') return [outcome.value];
    failed.push({ node: nodes[index] ?? '', error: toPlatformError(outcome.reason).message });
    return [];
  });
}

const nameOf = ({ name }: { readonly name: string }): string => name;

/** What an agent is asked for, in its units, within what its node was granted. */
function asked(row: WarmthRecord, granted: number): Omit<Target, 'revisionId' | 'runSpecJson'> {
  const { steps, keepAlive } = limitTarget(row, granted);
  return {
    steps: steps.map(({ after, running, frozen }) => ({ afterMs: after * 1000, running, frozen })),
    keepAliveMs: keepAlive.slice(0, MOST_PLACES).map((seconds) => seconds * 1000),
    expectedRate: row.expectedRate,
    uses: row.uses.slice(0, MOST_PLACES),
  };
}

function inCalls(targets: readonly Target[]): Target[][] {
  const calls: Target[][] = [];
  let characters = Infinity;
  for (const target of targets) {
    const part = calls.at(-1);
    if (part && part.length < CALL_TARGETS && characters + target.runSpecJson.length <= CALL_CHARACTERS) {
      part.push(target);
      characters += target.runSpecJson.length;
    } else {
      calls.push([target]);
      characters = target.runSpecJson.length;
    }
  }
  return calls;
}

function unreachedEvent(at: Date, node: string, error: string) {
  return { at, tenant: null, type: 'warming.unreached', function: null, node, data: { error } };
}

function shown(decisions: readonly WarmthRecord[]): ShownDecision[] {
  return decisions
    .map((row) => ({ ...row, ready: peakOf(row) }))
    .sort((a, b) => b.ready - a.ready)
    .slice(0, SHOWN)
    .map(({ tenant, function: name, ready, capped, reason }) => ({ tenant, function: name, ready, capped, reason }));
}
