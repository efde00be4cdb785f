import { killInTurn, killLines } from '../../bench/replay/kill-plan';

test('components are killed in turn until the end, and a kill under way is waited for', async () => {
  const begun: string[] = [];
  const plan = killInTurn(
    {
      kill: async (component) => {
        begun.push(component);
        await new Promise((resolve) => setTimeout(resolve, 30));
        return { component, healedMs: 30 };
      },
    },
    ['agent-local', 'control'],
    10,
  );
  while (begun.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  const kills = await plan.stop();
  expect(begun.slice(0, 3)).toEqual(['agent-local', 'control', 'agent-local']);
  expect(kills.map(({ component }) => component)).toEqual(begun);
  expect(kills.every(({ at }, index) => index === 0 || at > (kills[index - 1]?.at ?? 0))).toBe(true);
});

test('nothing is killed once it was told to stop', async () => {
  const plan = killInTurn({ kill: () => Promise.reject(new Error('too late')) }, ['control'], 60_000);
  expect(await plan.stop()).toEqual([]);
});

test('errors are put down to the kill before them', () => {
  const kills = [
    { component: 'agent-local', at: 1_000, healedMs: 250 },
    { component: 'gateway', at: 2_000, healedMs: null },
  ];
  const [, agent, gateway] = killLines(kills, [500, 1_500, 2_000, 2_500]);
  expect(agent).toMatch(/^agent-local +1\.0 s +250 ms +1$/);
  expect(gateway).toMatch(/^gateway +2\.0 s +not at all +2$/);
});
