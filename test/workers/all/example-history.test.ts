import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { assetPath } from '../../../drivers/asset-path';
import { seedExamples } from '../../../workers/all/example-history';
import { exampleFolders, functionNameOf } from '../../../workers/all/examples';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { makeHarness, type Harness } from '../../gateway/api/api-harness';

const FILE = assetPath('examples/history/counts.csv.gz');
const MINUTE_MS = 60_000;
const counts = new Map(
  gunzipSync(readFileSync(FILE))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
    .map(([name = '', ...values]) => [name, values.map(Number)]),
);

let now: Date;
let api: Harness;
beforeEach(async () => {
  api = await makeHarness({ now: () => now });
});
afterEach(() => api.close());
const client = () => ({ url: api.origin, apiKey: api.operatorKey });

test('there are twelve days for each example, in a small file', () => {
  expect([...counts.keys()].sort()).toEqual(exampleFolders().map(functionNameOf).sort()); // prettier-ignore
  for (const values of counts.values()) expect(values).toHaveLength(12 * 1_440);
  expect(statSync(FILE).size).toBeLessThan(60_000);
});

test.each([
  ['a Monday', '2026-11-23T09:10:30Z', 7 * 1_440 + 550],
  ['a Friday', '2026-11-27T23:59:59Z', 12 * 1_440 - 1],
  ['a Saturday', '2026-11-28T00:00:00Z', 5 * 1_440],
])('ends now on %s, at the same time of day and of the week', async (_, time, minutes) => {
  now = new Date(time);
  const functionId = await api.makeFunction('default', 'tax');
  expect(await seedExamples(['tax', 'mine'], client(), now)).toEqual(['tax']);
  const end = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
  const from = new Date(end.getTime() - 20 * 1_440 * MINUTE_MS);
  const [history] = await api.store.functionHistory({ functionIds: [functionId], from, to: end });
  expect([...(history?.counts ?? [])]).toEqual(counts.get('tax')?.slice(0, minutes));
  // The first day of the file is a Monday.
  expect(history?.from.toISOString()).toMatch(/T00:00:00.000Z$/);
  expect(history?.from.getUTCDay()).toBe(1);
  const [day] = await api.store.historyDays(functionId);
  expect(day).toMatchObject({ source: expect.stringContaining('Azure Functions Trace 2019'), own: 0 });
  expect(api.workflows.retrains).toMatchObject([{ tenant: 'default', functions: ['tax'] }]);
});

test('who has a past already keeps it', async () => {
  now = new Date('2026-11-23T09:10:30Z');
  const functionId = await api.makeFunction('default', 'cart');
  await api.store.writeInvocations(packed([sampleInvocation({ tenant: 'default', functionId, at: now })]));
  expect(await seedExamples(['cart'], client(), now)).toEqual([]);
  expect(await seedExamples([], client(), now)).toEqual([]);
  expect(await api.store.historyDays(functionId)).toMatchObject([{ importedMinutes: 0, own: 1 }]);
  expect(api.workflows.retrains).toEqual([]);
});
