import { planRetention, type RetainedCheckpoint } from '../../../core/control/retention-plan';

const HOUR = 3_600_000;
const base: RetainedCheckpoint = { id: 'c', revisionId: 'r', node: 'n', hostKey: 'now', state: 'ready', createdAt: 0 };

function plan(
  change: Partial<RetainedCheckpoint>,
  options: { inUse?: boolean; hostKey?: string | undefined; now?: number } = {},
) {
  return planRetention({
    checkpoints: [{ ...base, ...change }],
    revisionsInUse: new Set(options.inUse === false ? [] : ['r']),
    hostKey: () => ('hostKey' in options ? options.hostKey : 'now'),
    now: options.now ?? HOUR,
    keepUnusedMs: 24 * HOUR,
  });
}

test('a fitting checkpoint in use is left alone', () => {
  expect(plan({})).toEqual({ drop: [], renew: [] });
});

test('one made under another kernel is dropped and made anew', () => {
  const { drop, renew } = plan({ hostKey: 'before' });
  expect(drop).toHaveLength(1);
  expect(renew).toEqual([{ revisionId: 'r', node: 'n', reason: expect.stringContaining('changed') as string }]);
});

test('a node that cannot be asked keeps its checkpoints', () => {
  expect(plan({ hostKey: 'before' }, { hostKey: undefined }).drop).toHaveLength(0);
});

test('out of use it is kept for its time and then dropped, not renewed', () => {
  expect(plan({}, { inUse: false }).drop).toHaveLength(0);
  expect(plan({}, { inUse: false, now: 25 * HOUR })).toMatchObject({ drop: [{ id: 'c' }], renew: [] });
});

test('quarantined and abandoned ones go', () => {
  expect(plan({ state: 'quarantined' })).toMatchObject({ drop: [{ id: 'c' }], renew: [{ revisionId: 'r' }] });
  expect(plan({ state: 'making' }, { now: HOUR / 2 }).drop).toHaveLength(0);
  expect(plan({ state: 'making' }, { now: 2 * HOUR }).drop).toHaveLength(1);
});
