import { adviceId } from '../core/cost/advice/advice';
import type { PolicyEvidence } from '../core/cost/advice/advice-facts';
import type { StrategyName } from '../core/cost/advice/strategies';
import { initialTrial } from '../core/warming/policy-trial';
import type { FoundAdvice } from '../drivers/store/advice-store';
import { costFacts } from './cost-facts';
import { courtNodes } from './court-nodes';
import type { ActivityDependencies } from './dependencies';
import { recordedWindow } from './recorded-window';
import { tierOfMost } from './tier-of-most';

/** Recommendations that a run tells of; the store has all. */
const TOLD = 50;
/** So many are applied by policy after one run: each is watched, and several at once would blur what came of whom. */
const APPLIED_AT_ONCE = 3;

/** A recommendation as a run tells of it. */
export interface ToldAdvice extends Pick<FoundAdvice, 'id' | 'strategy' | 'title' | 'confidence'> {
  /** Dollars, for people. */
  readonly savesMonthly: number;
}

export interface AdvisedCosts {
  readonly found: number;
  readonly savesMonthly: number;
  readonly told: readonly ToldAdvice[];
  /** Ids of those that the configuration has applied. */
  readonly apply: readonly string[];
}

/** Looks for waste, and keeps what it finds. */
export function adviceActivities(dependencies: ActivityDependencies) {
  const { store, court, advisor, cluster, platform, costs, now } = dependencies;
  return {
    /** The policy in force. */
    async livePolicy(): Promise<string> {
      return ((await store.policyTrial()) ?? initialTrial(platform.policy)).live;
    },

    /**
     * What a policy had done in a window, over all functions. Null where there is nothing to replay, or more than is replayed at once.
     * @param input moments as RFC 3339
     */
    async replayEvidence(input: { policy: string; from: string; to: string }): Promise<PolicyEvidence> {
      const { policy } = input;
      const [from, to] = [new Date(input.from), new Date(input.to)];
      const nodes = await courtNodes(dependencies);
      const { recorded } = await recordedWindow(dependencies, nodes, { tenant: undefined, functions: undefined, from, to }); // prettier-ignore
      const { calls, coldShare, lateShare, lateSeconds, waitedSeconds, memoryGbSeconds } = await court.replay(
        recorded,
        policy,
      );
      const { running, starting, frozen } = memoryGbSeconds;
      return {
        ...{ policy, calls, coldShare, lateShare, lateSeconds, waitedSeconds },
        idleGbSeconds: [{ tier: tierOfMost(await cluster.nodes()), running: running + starting, frozen }],
        windowMs: to.getTime() - from.getTime(),
      };
    },

    /** Runs the strategies, and keeps what they advise unless it is a dry run. */
    async adviseCosts(input: {
      from: string;
      to: string;
      tenant?: string | undefined;
      strategies?: readonly StrategyName[] | undefined;
      policies: readonly PolicyEvidence[];
      dryRun: boolean;
    }): Promise<AdvisedCosts> {
      const { policies, strategies, dryRun, tenant = null } = input;
      const [from, to] = [new Date(input.from), new Date(input.to)];
      const facts = await costFacts(dependencies, { from, to, tenant, policies });
      const advised = await advisor.advise({ facts, only: strategies });
      const found = advised.map((advice): FoundAdvice => ({ id: adviceId(advice), ...advice }));
      const apply: string[] = [];
      if (!dryRun) {
        await store.replaceAdvice(found, { at: new Date(now()), tenant, strategies: strategies ?? null });
        const open = await store.advice({ tenant, states: ['open'] });
        const wanted = open.filter(
          ({ strategy, confidence }) => costs.autoApply.includes(strategy) && confidence !== 'low',
        );
        const under = await store.advice({ tenant: null, states: ['applying', 'watching'] });
        for (const { id, tenant: owner, function: name } of wanted) {
          if (apply.length + under.length >= APPLIED_AT_ONCE) break;
          // One change of a function at a time: what came of two could not be told apart.
          if (under.some((other) => other.tenant === owner && other.function === name)) continue;
          if (
            apply.some((other) =>
              sameTarget(
                open.find((item) => item.id === other),
                owner,
                name,
              ),
            )
          )
            continue;
          apply.push(id);
        }
      }
      const told = found.map(({ id, strategy, title, confidence, monthlySaving }) => {
        return { id, strategy, title, confidence, savesMonthly: dollars(monthlySaving) };
      });
      const saved = found.reduce((sum, { monthlySaving }) => sum + monthlySaving, 0n);
      return { found: found.length, savesMonthly: dollars(saved), told: told.slice(0, TOLD), apply };
    },
  };
}

function sameTarget(
  one: { readonly tenant: string | null; readonly function: string | null } | undefined,
  tenant: string | null,
  name: string | null,
): boolean {
  return one !== undefined && one.tenant === tenant && one.function === name;
}

function dollars(pico: bigint): number {
  return Number(pico / 1_000_000n) / 1e6;
}
