import type { InvocationBatch } from '../../../drivers/store/store';
import { pricedSink } from '../../../drivers/store/priced-sink';
import { CLOUD } from './cost-contract';

const BATCH: InvocationBatch = { blocks: [], rows: [] };
const HELD = { id: 'x', node: 'n', pricing: 'p', prices: CLOUD.tiers.edge, rows: [] };

test('the prices are kept before the first records, and once', async () => {
  const done: string[] = [];
  const state = { away: true };
  const sink = pricedSink(
    {
      putPriceTable: async () => {
        if (state.away) throw new Error('connection refused');
        done.push('prices');
        return 'id';
      },
      writeInvocations: async () => void done.push('calls'),
      writeHeld: async () => void done.push('held'),
    },
    CLOUD,
  );
  await expect(sink.writeInvocations(BATCH)).rejects.toThrow('refused');
  expect(done).toEqual([]);
  state.away = false;
  await Promise.all([sink.writeInvocations(BATCH), sink.writeInvocations(BATCH)]);
  await sink.writeHeld(HELD);
  expect(done).toEqual(['prices', 'calls', 'calls', 'held']);
});
