import type { CheckpointView, InstanceView } from '../../../console/src/lib/answers';
import {
  countRungs,
  rungItems,
  rungsText,
  withSample,
  type RungSample,
} from '../../../console/src/pages/function/rungs';

const instance = (id: string, state: string, endedAt: string | null = null): InstanceView => ({
  ...{ id, function: 'pay', revision: 2, node: 'edge-1', state, kind: 'cold', endedAt, reason: null },
  startedAt: `2026-03-04T05:0${id}:00.000Z`,
});
const checkpoint = (id: string, state: CheckpointView['state']): CheckpointView => ({
  ...{ id, function: 'pay', revision: 2, node: 'edge-1', state, rawBytes: 1, sealedBytes: 1, digest: null },
  ...{ pauseMs: 1, failures: 0, reason: null, createdAt: '2026-03-04T04:00:00.000Z' },
});

test('instances stand on their rung, those that go on none, and checkpoints that cannot be restored neither', () => {
  const items = rungItems(
    [
      instance('3', 'frozen'),
      instance('1', 'leased'),
      instance('2', 'idle'),
      instance('4', 'stopping'),
      instance('5', 'gone', 'x'),
    ],
    [checkpoint('c', 'ready'), checkpoint('q', 'quarantined')],
  );
  expect(items.map(({ id, rung, busy }) => [id, rung, busy])).toEqual([
    ['c', 'checkpoint', false],
    ['1', 'running', true],
    ['2', 'running', false],
    ['3', 'frozen', false],
  ]);
  expect(items[1]?.what).toBe('serves a request');
  expect(countRungs(items)).toEqual({ running: 2, frozen: 1, checkpoint: 1 });
});

test('a sentence says how the next request starts', () => {
  expect(rungsText({ running: 1, frozen: 0, checkpoint: 0 })).toContain('starts hot');
  expect(rungsText({ running: 0, frozen: 2, checkpoint: 1 })).toContain('starts warm');
  expect(rungsText({ running: 0, frozen: 0, checkpoint: 1 })).toBe(
    '0 running, 0 frozen, 1 checkpoint: the next request starts by a restore.',
  );
  expect(rungsText({ running: 0, frozen: 0, checkpoint: 0 })).toContain('starts cold');
});

test('a second has one sample, and only so many are kept', () => {
  let samples: readonly RungSample[] = withSample([], rungItems([instance('1', 'idle')], []), 1_000);
  samples = withSample(samples, rungItems([instance('1', 'frozen')], []), 1_900);
  expect(samples).toEqual([{ at: 1, running: 0, frozen: 1, checkpoint: 0 }]);
  for (let second = 2; second < 1_000; second++) samples = withSample(samples, [], second * 1_000);
  expect(samples).toHaveLength(600);
  expect(samples.at(-1)?.at).toBe(999);
});
