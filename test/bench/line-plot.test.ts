import { linePlot } from '../../bench/harness/line-plot';

test('each line is drawn from left to right, higher where it is larger, with its name', () => {
  const svg = linePlot('Memory', 'MiB', [
    { label: 'gateway', points: [{ at: 0, value: 10 }, { at: 30, value: 20 }, { at: 60, value: 15 }] },
    { label: 'agent', points: [] },
  ]); // prettier-ignore
  const [, points = ''] = /polyline points="([^"]+)"/.exec(svg) ?? [];
  const [first, second, third] = points.split(' ').map((pair) => pair.split(',').map(Number));
  expect([first?.[0], third?.[0]]).toEqual([60, 570]);
  expect(second?.[1]).toBeLessThan(third?.[1] ?? 0);
  expect(third?.[1]).toBeLessThan(first?.[1] ?? 0);
  expect(svg).toContain('>gateway<');
  expect(svg).not.toContain('NaN');
});
