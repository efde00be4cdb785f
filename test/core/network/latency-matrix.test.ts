import fc from 'fast-check';
import { LatencyMatrix } from '../../../core/network/latency-matrix';

const node = (name: string, region: string) => ({ name, tier: 'edge' as const, region });
const of = (latency: Record<string, Record<string, number>>, nodeLatency = {}, regions: string[] = []) =>
  LatencyMatrix.of({ latency, nodeLatency }, regions.map((region) => node(region, region))); // prettier-ignore

test('one direction stands for both, unless both are given', () => {
  const matrix = of({ eu: { us: 80 }, us: { asia: 120 }, asia: { us: 130, eu: 200 } });
  expect(matrix.ms({ region: 'us' }, { region: 'eu' })).toBe(80);
  expect([matrix.ms({ region: 'us' }, { region: 'asia' }), matrix.ms({ region: 'asia' }, { region: 'us' })]).toEqual([120, 130]); // prettier-ignore
});

test('within a region it is nothing, unless it is given', () => {
  const matrix = of({ eu: { eu: 3, us: 80 } });
  expect(matrix.ms({ region: 'eu' }, { region: 'eu' })).toBe(3);
  expect(matrix.ms({ region: 'us' }, { region: 'us' })).toBe(0);
  expect(matrix.ms({ region: 'eu', node: 'a' }, { region: 'eu', node: 'a' })).toBe(0);
});

test('a pair of nodes may be an exception', () => {
  const matrix = of({ eu: { us: 80 } }, { a: { b: 12 } });
  expect(matrix.ms({ region: 'us', node: 'b' }, { region: 'eu', node: 'a' })).toBe(12);
  expect(matrix.ms({ region: 'us' }, { region: 'eu', node: 'a' })).toBe(80);
});

test('nothing given means that everything is at one place', () => {
  const matrix = of({}, {}, ['eu', 'us']);
  expect(matrix.empty).toBe(true);
  expect(matrix.ms({ region: 'eu' }, { region: 'us' })).toBe(0);
});

test('a region that nobody described is as far as the farthest', () => {
  expect(of({ eu: { us: 80 } }).ms({ region: 'moon' }, { region: 'eu' })).toBe(80);
});

test('every hole and every value that is no time is named at once', () => {
  const wrong = () => of({ eu: { us: -1 }, asia: { eu: Number.NaN } }, { a: { b: -5 } }, ['africa']);
  expect(wrong).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  for (const path of [
    'eu.us: -1',
    'asia.eu: NaN',
    'nodeLatency.a.b: -5',
    'africa.asia',
    'africa.eu',
    'africa.us',
    'asia.us',
  ])
    // prettier-ignore
    expect(wrong).toThrow(path);
});

test('a matrix of all pairs has no hole, whichever direction they are given in', () => {
  const regions = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 2 });
  fc.assert(
    fc.property(regions, fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.nat(500)), (names, turned, times) => {
      const table: Record<string, Record<string, number>> = {};
      for (const [index, one] of names.entries()) {
        for (const other of names.slice(index + 1)) {
          const [from, to] = turned.next().value ? [one, other] : [other, one];
          (table[from] ??= {})[to] = times.next().value;
        }
      }
      const matrix = of(table, {}, names);
      for (const from of names) {
        for (const to of names) {
          expect(matrix.ms({ region: from }, { region: to })).toBe(matrix.ms({ region: to }, { region: from }));
        }
      }
    }),
  );
});
