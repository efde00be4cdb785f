import { bandPlot } from '../../bench/harness/band-plot';
import { sharePlot } from '../../bench/harness/share-plot';

test('a bar longer than the axis is cut and says its value', () => {
  const svg = sharePlot('WAPE', [{ label: 'zero', value: 2, marked: false }, { label: 'hybrid', value: 0.25, marked: true }], 0.5); // prettier-ignore
  const widths = [...svg.matchAll(/<rect x="210"[^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(widths).toEqual([450, 225]);
  expect(svg).toContain('>2.000<');
});

test('a band is closed from its low line to its high one and back, behind the lines', () => {
  const at = (value: number) => [0, 1].map((moment) => ({ at: moment, value }));
  const svg = bandPlot('t', { x: 'x', y: 'y' }, { label: 'band', low: at(1), high: at(3) }, [
    { label: 'line', points: at(2) },
  ]);
  const [, polygon = ''] = /<polygon points="([^"]+)"/.exec(svg) ?? [];
  const places = polygon.split(' ').map((place) => place.split(',').map(Number));
  expect(places.map(([x]) => x)).toEqual([60, 570, 570, 60]);
  expect((places[0]?.[1] ?? 0) > (places[3]?.[1] ?? 0)).toBe(true);
  expect(svg.indexOf('<polygon')).toBeLessThan(svg.indexOf('<polyline'));
  expect(svg).not.toMatch(/NaN|undefined/);
});

test('one point and nothing but zeros are drawn without a value that is none', () => {
  const svg = bandPlot('t', { x: 'x', y: 'y' }, null, [{ label: 'line', points: [{ at: 5, value: 0 }] }]);
  expect(svg).not.toMatch(/NaN|Infinity/);
});
