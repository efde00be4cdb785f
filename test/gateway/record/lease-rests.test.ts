import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import type { HeldBatch } from '../../../core/cost/warmth/held-batch';
import { LeaseRests } from '../../../gateway/record/lease-rests';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-03-04T05:06:00.000Z');
const PRICES = priceTableOf(costSettingsSchema.parse({ tiers: { edge: { gbSecondRunning: 50 } } }));
const holding = { tenant: 'acme', functionId: 'f', function: 'f', memoryBytes: 1_000 };

function setUp() {
  const written: HeldBatch[] = [];
  const rests = new LeaseRests({
    write: async (batch) => void written.push(batch),
    spool: undefined,
    log: { warn: () => undefined },
    prices: PRICES,
  });
  return { rests, written };
}

test('reports by node and minute what stood by, at the prices of the node’s tier', async () => {
  const { rests, written } = setUp();
  rests.add('edge-1', 'edge', holding, START + 1_000, START + 1_500);
  rests.add('edge-1', 'edge', holding, START + MINUTE_MS - 250, START + MINUTE_MS + 250);
  rests.add('central-1', 'central', holding, START, START + 7);
  await rests.close();
  expect(written).toMatchObject([
    {
      node: 'edge-1',
      prices: { gbSecondRunning: 50 },
      rows: [
        { functionId: 'f', minute: new Date(START), runningByteMs: 750_000n, frozenByteMs: 0n },
        { minute: new Date(START + MINUTE_MS), runningByteMs: 250_000n },
      ],
    },
    { node: 'central-1', prices: { gbSecondRunning: 16.6667 }, rows: [{ runningByteMs: 7_000n }] },
  ]);
  expect(written[0]?.pricing).not.toBe(written[1]?.pricing);
});

test('a node that becomes one of another tier is priced by each for its time', async () => {
  const { rests, written } = setUp();
  rests.add('n', 'edge', holding, START, START + 5);
  rests.add('n', 'central', holding, START + 5, START + 7);
  await rests.close();
  expect(written.map(({ prices, rows }) => [prices.gbSecondRunning, rows[0]?.runningByteMs])).toEqual([
    [50, 5_000n],
    [16.6667, 2_000n],
  ]);
});
