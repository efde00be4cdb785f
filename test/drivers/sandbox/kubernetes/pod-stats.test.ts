import { PodStats } from '../../../../drivers/sandbox/kubernetes/pod-stats';

const summary = {
  node: {},
  pods: [
    {
      podRef: { name: 'p', namespace: 'n', uid: 'one' },
      containers: [
        { name: 'function', cpu: { usageCoreNanoSeconds: 2_500_000 }, memory: { workingSetBytes: 42 } },
        { name: 'other', cpu: { usageCoreNanoSeconds: 9e9 }, memory: { workingSetBytes: 9e9 } },
      ],
      process_stats: { process_count: 3 },
    },
    { podRef: { name: 'q', namespace: 'n', uid: 'new' } },
  ],
};

test('use is that of the function’s own container, and one call is enough for all pods', async () => {
  const asked: string[] = [];
  const stats = new PodStats(
    {
      podSummary: (node) => {
        asked.push(node);
        return Promise.resolve(summary);
      },
    },
    'edge-0',
  );
  const [one, fresh] = await Promise.all([stats.of('one'), stats.of('new')]);
  expect(one).toEqual({ cpuMicros: 2_500, memoryBytes: 42, pids: 3 });
  expect(fresh).toEqual({ cpuMicros: 0, memoryBytes: 0, pids: 0 });
  await expect(stats.of('unknown')).rejects.toMatchObject({ code: 'unsupported' });
  expect(asked).toEqual(['edge-0']);
});

test('a summary that is none is not understood', async () => {
  const stats = new PodStats({ podSummary: () => Promise.resolve('nonsense') }, 'edge-0');
  await expect(stats.of('one')).rejects.toMatchObject({ code: 'unsupported' });
});
