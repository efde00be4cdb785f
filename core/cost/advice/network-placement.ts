import { CaseTerms } from '../../placement/case-terms';
import { costBreakdown } from '../../placement/cost-breakdown';
import type { Placement, PlacementCase, PlacementNode } from '../../placement/placement-case';
import { violationsOf } from '../../placement/violations';
import { picoOf } from '../money';
import type { Advice, Strategy } from './advice';
import type { AdviceFacts, PlacementFacts } from './advice-facts';
import { monthly } from './monthly';

const GB = 1e9;
const DAY_MS = 86_400_000;
/** Of what its answers cost now; less is not worth a move. */
const LEAST_SHARE = 0.05;
/** Waits may be so much longer, by rounding. */
const ROUNDING = 1 + 1e-9;

/** A function nearer to those whom its answers go to: bytes that stay in their region cost nothing. Nobody may wait longer for it. */
export const networkPlacement: Strategy = {
  name: 'network-placement',
  description: 'functions in the region that most of their answers go to, where nobody waits longer for it',
  advise(facts) {
    const { placement } = facts;
    if (!placement) return [];
    const terms = new CaseTerms(placement.problem);
    return placement.problem.functions.flatMap(({ id }) => adviceFor(id, facts, placement, terms));
  },
};

/** Where all functions are now. */
export function currentPlacement({ functions, nodes }: PlacementCase): Placement {
  const known = new Set(nodes.map(({ name }) => name));
  return Object.fromEntries(
    functions.map(({ id, current }) => [id, (current?.nodes ?? []).filter((node) => known.has(node))]),
  );
}

function adviceFor(id: string, facts: AdviceFacts, { problem, sent }: PlacementFacts, terms: CaseTerms): Advice[] {
  const now = currentPlacement(problem);
  const [from, ...replicas] = now[id] ?? [];
  const rows = sent.filter((row) => row.function === id && row.bytes > 0);
  const home = problem.nodes.find(({ name }) => name === from);
  if (!home || replicas.length > 0 || rows.length === 0) return [];
  const price = (node: PlacementNode): bigint => {
    const bytes = rows.reduce((sum, row) => sum + (row.region === node.region ? 0 : row.bytes), 0);
    return BigInt(picoOf(bytes / GB, facts.tiers[node.tier].otherRegionGb));
  };
  const before = price(home);
  const waits = waitsOf(problem, now, terms);
  const broken = violationsOf(problem, now, terms).length;
  const best = problem.nodes
    .filter(({ name, region, state }) => state === 'ready' && name !== from && region !== home.region)
    .map((node) => ({ node, saved: before - price(node) }))
    .filter(({ saved }) => saved > 0n && Number(saved) >= LEAST_SHARE * Number(before))
    .sort((a, b) => (a.saved > b.saved ? -1 : a.saved < b.saved ? 1 : a.node.name < b.node.name ? -1 : 1))
    .find(({ node }) => {
      const moved = { ...now, [id]: [node.name] };
      return violationsOf(problem, moved, terms).length <= broken && waitsOf(problem, moved, terms) <= waits * ROUNDING;
    });
  if (!best || from === undefined) return [];
  const { node, saved } = best;
  const slash = id.indexOf('/');
  const [tenant, name] = [id.slice(0, slash), id.slice(slash + 1)];
  const monthOf = (amount: bigint): bigint => monthly(amount, facts.windowMs);
  return [
    {
      strategy: 'network-placement',
      tenant,
      function: name,
      title: `Most of what ${id} answers leaves ${home.region}: on ${node.name} it would stay in ${node.region}`,
      evidence: [
        ...rows.map((row) => ({ name: `sent to ${row.region}`, value: row.bytes, unit: 'bytes' })),
        { name: `from ${from}`, value: Number(monthOf(before)) / 1e12, unit: 'dollars a month' },
        { name: `from ${node.name}`, value: Number(monthOf(before - saved)) / 1e12, unit: 'dollars a month' },
      ],
      monthlySaving: monthOf(saved),
      confidence: facts.windowMs >= DAY_MS ? 'high' : 'medium',
      change: { kind: 'move', tenant, function: name, from, to: node.name },
    },
  ];
}

/** What the waits of users, for data and for callees cost an hour. Their transfer is in it too: it must not rise either. */
export function waitsOf(problem: PlacementCase, placement: Placement, terms = new CaseTerms(problem)): number {
  const { user, data, calls } = costBreakdown(problem, placement, terms).terms;
  return user + data + calls;
}
