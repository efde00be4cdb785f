import type { DeploymentView } from '../../../console/src/lib/answers';
import { shownSteps, withStep, type SeenStep } from '../../../console/src/pages/functions/deployment-steps';

const at = (
  step: string,
  state: DeploymentView['state'] = 'running',
  endedAt: string | null = null,
): DeploymentView => ({
  ...{ id: 'd', function: 'pay', revision: 1, state, step, error: null, workflowId: 'w' },
  ...{ createdAt: '2026-03-04T05:00:00.000Z', endedAt },
});

test('a step is noted once, with the time that it was seen first; the end is no step', () => {
  let seen: readonly SeenStep[] = [];
  for (const [step, now] of [
    ['verify', 0],
    ['verify', 5],
    ['start on local', 10],
    ['start on local', 20],
  ] as const) {
    seen = withStep(seen, at(step), now);
  }
  expect(seen).toEqual([
    { step: 'verify', at: 0 },
    { step: 'start on local', at: 10 },
  ]);
  expect(withStep(seen, at('done', 'succeeded'), 30)).toBe(seen);
  expect(withStep(seen, at(''), 30)).toBe(seen);
});

test('each step took until the next began; the last is as the deployment is', () => {
  const seen = [
    { step: 'verify', at: 1_000 },
    { step: 'start', at: 1_500 },
  ];
  expect(shownSteps(seen, at('start'), 4_000)).toEqual([
    { step: 'verify', state: 'done', ms: 500 },
    { step: 'start', state: 'running', ms: 2_500 },
  ]);
  const end = new Date(3_000).toISOString();
  expect(shownSteps(seen, at('failed', 'failed', end), 9_000).at(-1)).toEqual({
    step: 'start',
    state: 'failed',
    ms: 1_500,
  });
  expect(shownSteps(seen, at('done', 'succeeded', end), 9_000).at(-1)).toEqual({
    step: 'start',
    state: 'done',
    ms: 1_500,
  });
});
