import {
  mayAbort,
  migrateCommand,
  shareRows,
  stepRows,
  waitsForApproval,
} from '../../console/src/pages/migrations/migration-model';
import { numberOrText, numbersOf, unlessEmpty, wordsOf } from '../../console/src/lib/field-text';

const phase = (step: string, second: number, took: number | null, note: string | null = null) => ({
  ...{ step, note, startedAt: new Date(second * 1000).toISOString() },
  endedAt: took === null ? null : new Date((second + took) * 1000).toISOString(),
});

test('steps tell how long they took, the last one how long it has been under way', () => {
  const phases = [phase('check', 0, 2, 'fine'), phase('5 % of the traffic', 2, null)];
  expect(stepRows({ phases }, 9_500)).toEqual([
    { step: 'check', tookMs: 2_000, running: false, note: 'fine' },
    { step: '5 % of the traffic', tookMs: 7_500, running: true, note: null },
  ]);
  expect(stepRows({ phases }, 0)[1]?.tookMs).toBe(0);
});

test('it waits for approval while that step is under way, and no longer', () => {
  const waiting = [phase('check', 0, 1), phase('wait for approval', 1, null)];
  expect(waitsForApproval({ state: 'running', phases: waiting })).toBe(true);
  expect(waitsForApproval({ state: 'rolled-back', phases: waiting })).toBe(false);
  expect(waitsForApproval({ state: 'running', phases: [phase('wait for approval', 1, 3)] })).toBe(false);
  expect(waitsForApproval({ state: 'running', phases: [] })).toBe(false);
});

test('it may be aborted until the old node is out', () => {
  const running = { state: 'running' as const };
  expect(mayAbort({ ...running, phases: [phase('take edge-1 out', 0, null)] })).toBe(true);
  expect(mayAbort({ ...running, phases: [phase('take edge-1 out', 0, 1), phase('drain edge-1', 1, null)] })).toBe(
    false,
  );
  expect(mayAbort({ state: 'completed', phases: [] })).toBe(false);
});

test('traffic is told by node, the one it leaves first, with what answers there', () => {
  const live = [
    { node: 'a', state: 'leased' },
    { node: 'a', state: 'idle' },
    { node: 'b', state: 'frozen' },
  ];
  const nodes = [
    { node: 'b', weight: 25, instances: 1 },
    { node: 'a', weight: 75, instances: 2 },
    { node: 'c', weight: null, instances: 1 },
  ];
  expect(shareRows({ from: 'a', to: 'b' }, { nodes }, live)).toEqual([
    { node: 'a', percent: 75, instances: 2, inUse: 1 },
    { node: 'b', percent: 25, instances: 1, inUse: 0 },
    { node: 'c', percent: 0, instances: 0, inUse: 0 },
  ]);
  expect(shareRows({ from: null, to: 'b' }, { nodes: [] }, [])).toHaveLength(1);
});

test('the command that does the same is told', () => {
  const wish = { function: 'pay', to: 'edge-1', from: '', approval: false, steps: '', holdSeconds: '' };
  expect(migrateCommand(wish)).toBe('presage migrate pay --to edge-1');
  expect(migrateCommand({ ...wish, from: 'a', approval: true })).toBe(
    'presage migrate pay --to edge-1 --from a --approve',
  );
  expect(migrateCommand({ ...wish, function: '', to: '' })).toBe('presage migrate FUNCTION --to NODE');
});

test('what is typed goes as the API takes it, and what is no such thing as it is', () => {
  expect(wordsOf(' a, b  c,')).toEqual(['a', 'b', 'c']);
  expect(numbersOf('5 %, 25%, half')).toEqual([5, 25, 'half']);
  expect([numberOrText(' 1.5 '), numberOrText('x'), numberOrText('')]).toEqual([1.5, 'x', '']);
  expect([unlessEmpty('to', ' ', 1), unlessEmpty('to', 'x', 1)]).toEqual([{}, { to: 1 }]);
});
