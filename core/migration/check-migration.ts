import type { MigrationReason } from '../control/migration-state';
import { PlatformError, type ErrorCode, type Problem } from '../error/platform-error';
import { offersIsolation, type Isolation } from '../function/isolation';
import type { Tier } from '../function/manifest';
import type { NodeState } from '../node/node-state';
import type { PlacedShare } from './shifted-shares';

/** A node as a migration looks at it. */
export interface MigrationNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region?: string | undefined;
  /** What it offers; left out: `agent`. */
  readonly isolation?: Isolation | undefined;
  readonly state: NodeState;
  /** Memory that is not promised to anybody, bytes; null when the node did not answer. */
  readonly freeBytes: number | null;
  /** Instances there that nobody uses: they make room. */
  readonly resting: number;
}

/** What is known when a migration is asked for. */
export interface MigrationFacts {
  readonly function: string;
  readonly from: string | undefined;
  readonly to: string;
  readonly reason: MigrationReason;
  readonly nodes: readonly MigrationNode[];
  /** Where it is placed; null: nowhere in particular. */
  readonly placed: readonly PlacedShare[] | null;
  /** Workflow that changes the placement now; null when none does. */
  readonly changedBy: string | null;
  /** Nodes on which instances of it live. */
  readonly runsOn: readonly string[];
  readonly tiers: readonly Tier[];
  /** Regions that it may be in; left out: all. */
  readonly regions?: readonly string[] | undefined;
  /** Left out: `agent`. */
  readonly isolation?: Isolation | undefined;
  /** Revisions that serve. */
  readonly revisions: number;
  /** What one instance needs. */
  readonly memoryBytes: number;
}

export interface MigrationRoute {
  readonly from: string;
  /** The placement to begin with. */
  readonly shares: readonly PlacedShare[];
}

/**
 * From where a function moves; or why it cannot.
 * @throws PlatformError with every problem: invalid_argument where the request is wrong whatever the nodes do, else conflict
 */
export function checkMigration(facts: MigrationFacts): MigrationRoute {
  const { placed, to, function: name } = facts;
  const problems: (Problem & { readonly code: ErrorCode })[] = [];
  const problem = (code: ErrorCode, path: string, message: string, hint: string): void =>
    void problems.push({ code, path, message, hint });

  if (facts.revisions === 0) {
    problem('conflict', 'function', `"${name}" has no revision that serves`, 'Deploy it first: presage deploy DIR');
  }
  if (facts.changedBy !== null) {
    const mend = 'Wait for its end, or abort it: presage migration abort ID';
    problem('conflict', 'function', `"${name}" is being moved already, by ${facts.changedBy}`, mend);
  }
  const names = facts.nodes.map((node) => node.name).join(', ');
  const target = facts.nodes.find((node) => node.name === to);
  if (!target) problem('invalid_argument', 'to', `There is no node "${to}"`, `Choose among ${names}`);
  else checkTarget(target, facts, problem);

  const from = facts.from ?? sourceOf(facts);
  const shares = placed ?? (from === undefined ? [] : [{ node: from, weight: 100 }]);
  if (from === undefined) {
    const mend = `It runs on ${facts.runsOn.join(', ') || 'no node'}; name the node that it is to leave`;
    problem('conflict', 'from', `Nothing says which node "${name}" is to leave`, mend);
  } else if (!facts.nodes.some((node) => node.name === from) && !shares.some(({ node }) => node === from)) {
    problem('invalid_argument', 'from', `There is no node "${from}"`, `Choose among ${names}`);
  } else if (from === to) {
    problem('invalid_argument', 'to', `"${name}" is on "${to}" already`, 'Name another node');
  } else if (!shares.some(({ node }) => node === from)) {
    const on = shares.map(({ node }) => node).join(', ');
    problem('conflict', 'from', `"${name}" is not on "${from}"`, `It is on ${on}`);
  }
  const [first] = problems;
  if (first === undefined && from !== undefined) return { from, shares };
  const code = problems.find((each) => each.code === 'invalid_argument')?.code ?? 'conflict';
  const lines = problems.map(({ message, hint }) => `${message} (${hint ?? ''})`).join('; ');
  throw new PlatformError(code, `"${name}" cannot be moved: ${lines}`, {
    problems: problems.map(({ path, message, hint }) => ({ path, message, ...(hint ? { hint } : {}) })),
  });
}

function checkTarget(
  target: MigrationNode,
  { tiers, regions, isolation, memoryBytes, function: name }: MigrationFacts,
  problem: (code: ErrorCode, path: string, message: string, hint: string) => void,
): void {
  const { name: node, state, tier, region, freeBytes, resting } = target;
  if (!offersIsolation(target.isolation, isolation)) {
    const mend = `It wants ${isolation ?? 'agent'}; change spec.isolation of its manifest or choose another node`;
    const offered = target.isolation ?? 'agent';
    problem('conflict', 'to', `"${node}" runs functions of isolation ${offered}, which "${name}" is not`, mend);
  }
  if (!tiers.includes(tier)) {
    const mend = `It allows ${tiers.join(', ')}; change spec.tier.allow of its manifest or choose another node`;
    problem('conflict', 'to', `"${node}" is of the tier ${tier}, which "${name}" does not allow`, mend);
  }
  if (regions && region !== undefined && !regions.includes(region)) {
    const mend = `It allows ${regions.join(', ')}; change spec.placement.regions of its manifest or choose another node`;
    problem('conflict', 'to', `"${node}" is in ${region}, where "${name}" may not be`, mend);
  }
  if (state !== 'ready') {
    problem('conflict', 'to', `"${node}" is ${state}`, 'Choose a node that is ready, or uncordon it');
  } else if (freeBytes === null) {
    problem(
      'conflict',
      'to',
      `The agent of "${node}" does not answer`,
      'Try again when it does, or choose another node',
    );
  } else if (freeBytes < memoryBytes && resting === 0) {
    const message = `"${node}" is full: an instance needs ${mebibytes(memoryBytes)} MiB, ${mebibytes(freeBytes)} are free`;
    problem('conflict', 'to', message, 'Move something else away first, or choose another node');
  }
}

/** The node with the most traffic; of a function without a placement the only one on which it runs. */
function sourceOf({ placed, runsOn, to, nodes }: MigrationFacts): string | undefined {
  if (placed) return [...placed].sort((a, b) => b.weight - a.weight)[0]?.node;
  const others = runsOn.filter((node) => node !== to);
  if (others.length === 1) return others[0];
  // Where nothing runs anywhere, it comes from wherever its next request would have gone.
  return runsOn.length === 0 ? nodes.find((node) => node.name !== to)?.name : runsOn.length === 1 ? to : undefined;
}

function mebibytes(bytes: number): number {
  return Math.max(0, Math.floor(bytes / 2 ** 20));
}
