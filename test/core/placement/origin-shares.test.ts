import { originShares, totalCalls } from '../../../core/placement/origin-shares';
import { call, fn, node, placementCase } from './placement-builder';

const nodes = [node('a')];
const users = [
  { region: 'east', callsPerHour: 300 },
  { region: 'west', callsPerHour: 100 },
];

it('follows users through the functions that they call', () => {
  const problem = placementCase(nodes, [fn('web', { users }), fn('cart'), fn('tax'), fn('cron')], {
    calls: [call('web', 'cart', 200), call('cart', 'tax', 50)],
  });
  const rows = originShares(problem).map((row) => [...row]);
  expect(rows).toEqual([
    [0.75, 0.25],
    [0.75, 0.25],
    [0.75, 0.25],
    [0, 0],
  ]);
  expect([...totalCalls(problem)]).toEqual([400, 200, 50, 0]);
});

it('mixes callers by their rates, and comes to an end around a circle', () => {
  const problem = placementCase(nodes, [fn('web', { users: [users[0]!] }), fn('a', { users: [users[1]!] }), fn('b')], {
    calls: [call('web', 'a', 100), call('a', 'b', 10), call('b', 'a', 10)],
  });
  const [, a, b] = originShares(problem);
  expect(a![0]).toBeCloseTo(0.5, 6);
  expect(b![1]).toBeCloseTo(0.5, 6);
});
