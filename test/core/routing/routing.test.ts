import fc from 'fast-check';
import type { Tier } from '../../../core/function/manifest';
import { canServe, chooseNode, type NodeCandidate } from '../../../core/routing/choose-node';
import { drawNode } from '../../../core/routing/draw-node';
import { nodeOrder } from '../../../core/routing/node-order';
import { checkPlacedNodes } from '../../../core/routing/placed-nodes';

const candidate = (change: Partial<NodeCandidate> = {}): NodeCandidate => ({
  connected: true,
  refusing: false,
  lost: false,
  atHand: false,
  waitMs: 0,
  ...change,
});

describe('the choice of a node', () => {
  it('is the first that can serve, and the drawn one before all', () => {
    const [first, second] = [candidate(), candidate()];
    expect(chooseNode([first, second], undefined, 100)).toBe(first);
    expect(chooseNode([first, second], second, 100)).toBe(second);
    expect(chooseNode([], undefined, 100)).toBeUndefined();
  });

  it.each([
    ['is away', { connected: false }],
    ['refuses', { refusing: true }],
    ['is lost', { lost: true }],
    ['has too long a queue', { waitMs: 101 }],
  ])('passes over one that %s', (_what, change) => {
    const other = candidate();
    expect(chooseNode([candidate(change), other], candidate(change), 100)).toBe(other);
  });

  it('is one with an instance at hand though its agent is away', () => {
    const restarting = candidate({ connected: false, atHand: true });
    expect(chooseNode([restarting, candidate()], undefined, 100)).toBe(restarting);
  });

  it('falls back to an agent that can be asked, then to one that may come back', () => {
    const [away, refusing] = [candidate({ connected: false }), candidate({ refusing: true })];
    expect(chooseNode([away, refusing], undefined, 100)).toBe(refusing);
    expect(chooseNode([candidate({ lost: true }), away], undefined, 100)).toBe(away);
  });

  it('never passes over all nodes when there are some, and takes one that can serve where there is one', () => {
    const any = fc.record({
      connected: fc.boolean(),
      refusing: fc.boolean(),
      lost: fc.boolean(),
      atHand: fc.boolean(),
      waitMs: fc.nat(200),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1 }), fc.nat(200), (order, patience) => {
        const chosen = chooseNode(order, undefined, patience);
        expect(chosen).toBeDefined();
        if (order.some((node) => canServe(node, patience))) expect(canServe(chosen!, patience)).toBe(true);
      }),
    );
  });
});

describe('the order of nodes', () => {
  const node = (name: string, tier: Tier = 'edge', open = true) => ({ name, tier, open });
  const nodes = [node('cordoned', 'edge', false), node('far'), node('near'), node('standby'), node('hub', 'central')];
  const names = (placed: Parameters<typeof nodeOrder>[1]['placed']) =>
    nodeOrder(nodes, { placed, tiers: ['edge'], ms: ({ name }) => (name === 'near' ? 1 : 10) }).map(({ name }) => name);

  it('begins with those that get traffic, then those that hold it, then others', () => {
    const placed = [{ node: 'far', weight: 60 }, { node: 'hub', weight: 40 }, { node: 'standby', weight: 0 }]; // prettier-ignore
    expect(names(placed)).toEqual(['far', 'hub', 'standby', 'near', 'cordoned']);
  });
  it('is by distance, then as configured', () => expect(names(null)).toEqual(['near', 'far', 'standby', 'cordoned']));
  it('takes one that should take nothing new last, unless the function is there', () => {
    expect(names([{ node: 'cordoned', weight: 100 }])).toEqual(['cordoned', 'near', 'far', 'standby']);
  });
});

test('a draw falls on each node as often as its weight says, and never on one without', () => {
  const weights = fc.array(fc.nat(100), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(weights, (all) => {
      const placed = all.map((weight, index) => ({ node: `n${index}`, weight }));
      const sum = all.reduce((total, weight) => total + weight, 0);
      const hits = new Map<string | undefined, number>();
      for (let at = 0; at < sum; at++) {
        const drawn = drawNode(placed, (at + 0.5) / sum);
        hits.set(drawn, (hits.get(drawn) ?? 0) + 1);
      }
      for (const { node, weight } of placed) expect(hits.get(node) ?? 0).toBe(weight);
      if (sum === 0) expect(drawNode(placed, 0)).toBeUndefined();
    }),
  );
});

test('a placement is refused with everything that is wrong with it', () => {
  const wrong = [{ node: 'a', weight: 50.5 }, { node: 'a', weight: -1 }, { node: 'b', weight: Number.NaN }]; // prettier-ignore
  const refusal = (): void => checkPlacedNodes(wrong);
  expect(refusal).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  try {
    refusal();
  } catch (error) {
    expect((error as { problems: { path: string }[] }).problems.map(({ path }) => path)).toEqual([
      'nodes.0.weight',
      'nodes.1.node',
      'nodes.1.weight',
      'nodes.2.weight',
    ]);
  }
  expect(() => checkPlacedNodes([])).toThrow('weights that sum to 100');
  expect(() => checkPlacedNodes([{ node: 'a', weight: 100 }])).not.toThrow();
});
