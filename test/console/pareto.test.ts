import { paretoPlot, paretoPoints } from '../../console/src/pages/court/pareto';

type Report = Parameters<typeof paretoPoints>[0][number];
const report = (policy: string, coldShare: number, idle: number, price = 10): Report => ({
  ...{ policy, coldShare, evicted: 0, functions: [], coldShareOfFunctions: { mean: 0, p50: 0, p75: 0 } },
  ...{
    calls: 10,
    kinds: { hot: 0, warm: 0, restore: 0, cold: 0 },
    causes: {},
    waitP50Ms: 0,
    waitP99Ms: 0,
    waitedSeconds: 0,
  },
  memoryGbSeconds: { running: idle / 2, frozen: idle / 4, starting: idle / 4, busy: 99, images: 99 },
  price: { holding: 0, waiting: 0, total: price },
});

test('a policy is beaten by one that is as good in both and better in one', () => {
  const points = paretoPoints([
    report('a', 0.1, 100, 5),
    report('b', 0.2, 100),
    report('c', 0.3, 40),
    report('d', 0.1, 100, 5),
  ]);
  expect(points.map(({ policy, onFront, cheapest }) => [policy, onFront, cheapest])).toEqual([
    ['a', true, true],
    ['b', false, false],
    ['c', true, false],
    ['d', true, true],
  ]);
  expect(points[0]?.idleGbSeconds).toBe(100);
});

test('the plot begins at nothing, ends at a round figure, and its front goes from little memory to much', () => {
  const { plot, points, front, xTicks, yTicks } = paretoPlot([report('much', 0.01, 180), report('little', 0.4, 0)]);
  expect(xTicks.map(({ text }) => text)).toEqual(['0', '50', '100', '150', '200']);
  expect(yTicks.map(({ text }) => text)).toEqual(['0 %', '12.5 %', '25 %', '37.5 %', '50 %']);
  const at = (policy: string) => points.find((point) => point.policy === policy);
  expect([at('little')?.x, at('little')?.side, at('much')?.side]).toEqual([plot.left, 'right', 'left']);
  expect(at('much')?.y).toBeGreaterThan(at('little')?.y ?? Infinity);
  expect(front).toBe(`${at('little')?.x},${at('little')?.y} ${at('much')?.x},${at('much')?.y}`);
});

test('names of policies that lie together stand below each other, and all points lie within', () => {
  const { plot, points } = paretoPlot(['a', 'b', 'c'].map((policy) => report(policy, 0.5, 10)));
  const ys = points.map(({ labelY }) => labelY).sort((a, b) => a - b);
  expect((ys[1] ?? 0) - (ys[0] ?? 0)).toBeGreaterThanOrEqual(14);
  for (const { x, y } of points) {
    expect([x >= plot.left && x <= plot.right, y >= plot.top && y <= plot.bottom]).toEqual([true, true]);
  }
});

test('nothing but zeroes, and nothing at all, can be plotted', () => {
  expect(paretoPlot([report('none', 0, 0)]).points[0]).toMatchObject({
    onFront: true,
    x: expect.any(Number) as number,
  });
  expect(paretoPlot([])).toMatchObject({ points: [], front: '' });
});
