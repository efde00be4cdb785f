import fc from 'fast-check';
import { binOfGap, edgeOf, GAP_BINS } from '../../../core/warming/gap-scale';
import { GapTree } from '../../../core/warming/gap-tree';

const filled = (gaps: readonly number[]): Float64Array => {
  const tree = new GapTree();
  for (const gap of gaps) tree.add(binOfGap(gap));
  const probabilities = new Float64Array(GAP_BINS + 1);
  tree.fill(probabilities);
  return probabilities;
};
const share = (probabilities: Float64Array, from: number, to: number): number => {
  let sum = 0;
  for (let bin = binOfGap(from); bin < binOfGap(to); bin++) sum += probabilities[bin] as number;
  return sum;
};

test('bins follow one another, and each gap is in the one that begins before it', () => {
  for (let bin = 0; bin < GAP_BINS; bin++) {
    expect(edgeOf(bin + 1)).toBeGreaterThan(edgeOf(bin));
    expect(binOfGap(edgeOf(bin))).toBe(bin);
  }
  expect(binOfGap(1e9)).toBe(GAP_BINS);
  expect([binOfGap(Number.NaN), binOfGap(-5), binOfGap(0)]).toEqual([0, 0, 0]);
});

test('whatever came, the probabilities are such: none is nothing, all sum to one', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 2e5, noNaN: true }), { maxLength: 300 }), (gaps) => {
      const probabilities = filled(gaps);
      expect(probabilities.every((value) => value > 0 && value <= 1)).toBe(true);
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
    }),
  );
});

test('before any gap all decades are about as likely', () => {
  const probabilities = filled([]);
  const decades = [share(probabilities, 600, 3_600), share(probabilities, 3_600, 21_600)];
  expect((decades[0] as number) / (decades[1] as number)).toBeCloseTo(1, 0);
});

test('gaps of a timer are told apart from their neighbours after some', () => {
  expect(share(filled(Array<number>(30).fill(1_800)), 1_800, 1_920)).toBeGreaterThan(0.7);
});

test('where few gaps lie far apart, what is between them is likely too', () => {
  const sparse = [7_000, 9_500, 12_100, 15_000, 20_300, 26_000, 31_000, 40_000];
  const probabilities = filled([...Array<number>(200).fill(30), ...sparse]);
  // Nothing was seen in there, and twelve-thousandths of all gaps lie around.
  expect(share(probabilities, 16_000, 20_000)).toBeGreaterThan(0.001);
});
