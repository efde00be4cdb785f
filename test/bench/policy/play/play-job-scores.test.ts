import { playJobScores } from '../../../../bench/policy/play/play-job-scores';
import type { Play } from '../../../../bench/policy/play/play-job';
import { oneSlot } from '../slots/one-slot';

const SETS = new Map([['set', [oneSlot([10, 40, 140], { id: 'a' }), oneSlot([20, 500], { id: 'b' })]]]);
const SCORED = [{ from: 0, to: 1_000 }];

function play(policy: Play['policy']): Play {
  return { policy, pricing: { per: 'start', gbSeconds: 50 } };
}

test('every policy is played by its name, over all functions or a part', () => {
  const prior = new Float64Array(300).fill(1 / 300);
  const plays = [
    play({ kind: 'none' }),
    play({ kind: 'fixed', minutes: 1 }),
    play({ kind: 'greedy-dual', capacityGb: 9 }),
    play({ kind: 'oracle', how: 'start' }),
    ...(['presage', 'seed', 'pool-only'] as const).map((kind) => play({ kind })),
    play({ kind: 'hybrid-histogram', minutes: 240 }),
    play({ kind: 'cost-window', prior }),
  ];
  const scores = playJobScores({ functions: { set: 'set' }, plays, scored: SCORED }, SETS);
  expect(scores.map(([score]) => score?.calls)).toEqual(plays.map(() => 5));
  expect(scores.slice(0, 4).map(([score]) => score?.cold)).toEqual([5, 4, 2, 2]);
  const [[half] = []] = playJobScores(
    { functions: { set: 'set', every: 2 }, plays: plays.slice(0, 1), scored: SCORED },
    SETS,
  );
  expect(half?.calls).toBe(3);
});

test('a set that there is not is refused', () => {
  expect(() => playJobScores({ functions: { set: 'x' }, plays: [], scored: SCORED }, SETS)).toThrow(/no set "x"/);
});
