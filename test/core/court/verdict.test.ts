import { judge } from '../../../core/court/judge';
import { verdictJson } from '../../../core/court/verdict-json';
import { verdictTable } from '../../../core/court/verdict-table';
import { fixed } from '../../../core/warming/policies/fixed';
import { none } from '../../../core/warming/policies/none';
import { courtCalls, courtCase, courtFunction, MINUTE } from './court-builder';

const functions = [
  courtFunction(),
  courtFunction({ warm: { id: 'g' } }),
  courtFunction({ warm: { id: 'never' }, checkpoint: { from: 30 * MINUTE, rawBytes: 5e8, sealedBytes: 1e8 } }),
];
const calls = courtCalls([0], [5 * MINUTE], [6 * MINUTE, 100, 1], [10 * MINUTE], [15 * MINUTE]);
const court = courtCase(calls, { functions });

it('sums calls, memory-time and prices up, for all and for each function', () => {
  const [kept, letGo] = judge(court, [fixed(600), none]);
  expect(kept?.kinds).toEqual({ hot: 0, warm: 3, restore: 0, cold: 2 });
  expect(kept?.causes).toEqual({ first: 2, expired: 3 });
  expect(kept?.coldShare).toBe(0.4);
  expect(kept?.coldShareOfFunctions).toEqual({ mean: 0.625, p50: 0.625, p75: 0.8125 });
  expect(kept?.waitedSeconds).toBeCloseTo(1.006);
  expect(kept?.waitP50Ms).toBe(2);
  // Three rests of 5 min and one of 10, and one of 10 of the other function: each lingers a second first.
  expect(kept?.memoryGbSeconds.frozen).toBeCloseTo(3 * 300 + 600 + 600 - 5 - 1, -1);
  expect(kept?.memoryGbSeconds.running).toBeCloseTo(5);
  expect(kept?.memoryGbSeconds.busy).toBeCloseTo(0.5 + 0.006);
  expect(kept?.memoryGbSeconds.starting).toBeCloseTo(1);
  // Half a GB for half an hour, on the node; and a tenth in the store.
  expect(kept?.memoryGbSeconds.images).toBeCloseTo(900);
  const { frozen = 0, running = 0, starting = 0 } = kept?.memoryGbSeconds ?? {};
  const holding = (frozen + running + starting + 900) * 16.67 + running * 0.56 + 0.1 * 1_800 * 0.00875;
  expect(kept?.price.holding).toBeCloseTo(holding);
  expect(kept?.price.waiting).toBeCloseTo(10_060);
  expect(kept?.price.total).toBeCloseTo(holding + 10_060);
  const sum = (of: (item: { price: { total: number } }) => number): number =>
    (kept?.functions ?? []).reduce((all, item) => all + of(item), 0);
  expect(sum(({ price }) => price.total)).toBeCloseTo(kept?.price.total ?? 0);
  expect(letGo?.coldShare).toBe(1);
  // Until the policy has its say the manifest's keep-alive counts.
  expect(letGo?.memoryGbSeconds.frozen).toBeLessThan(15);
});

it('leaves out calls that are not in the window', () => {
  const [kept] = judge({ ...court, window: { from: 6 * MINUTE, to: 15 * MINUTE } }, [fixed(600)]);
  expect(kept?.calls).toBe(2);
  expect(kept?.functions.map((fn) => fn.calls)).toEqual([1, 1, 0]);
});

it('has JSON with sorted keys and six decimals at most', () => {
  const text = verdictJson(judge(court, [fixed(600)]));
  const keys = [...text.matchAll(/^ {3}"(\w+)":/gm)].map(([, key]) => key);
  expect(keys).toEqual([...keys].sort());
  expect(text).not.toMatch(/\.\d{7}/);
  expect(JSON.parse(text)).toMatchObject({ policies: [{ policy: 'fixed:600s', calls: 5 }] });
});

it('has a table with a line for each policy', () => {
  const lines = verdictTable(judge(court, [fixed(600), none]));
  expect(lines).toHaveLength(4);
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[2]).toMatch(/^fixed:600s +40\.00 % +62\.50 % /);
});
