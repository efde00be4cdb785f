import { whereTimeGoes, type CpuProfile } from '../../../bench/hop/cpu-profile';

const frame = (functionName: string, url = ''): CpuProfile['nodes'][number]['callFrame'] => ({ functionName, url });

test('what Node does for someone counts as his; idle time counts as nobody’s', () => {
  const profile: CpuProfile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 5, 6, 7] },
      { id: 2, callFrame: frame('run', 'file:///app/dist/gateway/invocation/invocation.js'), children: [3] },
      { id: 3, callFrame: frame('query', '/app/node_modules/@scope/pg/lib/client.js'), children: [4] },
      { id: 4, callFrame: frame('writev', 'node:net') },
      { id: 5, callFrame: frame('(idle)') },
      { id: 6, callFrame: frame('(garbage collector)') },
      { id: 7, callFrame: frame('onread', 'node:internal/stream_base_commons') },
    ],
    samples: [2, 4, 3, 5, 6, 7],
    timeDeltas: [100, 300, 100, 5_000, 300, 200],
  };
  expect(whereTimeGoes(profile)).toEqual([
    { owner: '@scope/pg', share: 0.4 },
    { owner: '(garbage collector)', share: 0.3 },
    { owner: 'node:internal/stream_base_commons', share: 0.2 },
    { owner: 'gateway/invocation/invocation.js', share: 0.1 },
  ]);
});
