import { heldBatchJson, readHeldBatch, type HeldBatch } from '../../../../core/cost/warmth/held-batch';

const batch: HeldBatch = {
  id: '6f1c7c0a-6d2e-4b8a-9a8f-1f1d8f5f2b11',
  node: 'edge-1',
  pricing: '0123456789ab edge - ',
  prices: { gbSecondRunning: 16.6667, gbSecondFrozen: 4.1667 },
  rows: [
    {
      tenant: null,
      functionId: 'platform',
      function: 'platform',
      minute: new Date('2026-03-04T05:06:00.000Z'),
      runningByteMs: 2n ** 70n,
      frozenByteMs: 0n,
      sharedByteMs: 7n,
    },
  ],
};

test('a batch comes back from its JSON as it was', () => {
  expect(readHeldBatch(JSON.parse(JSON.stringify(heldBatchJson(batch))))).toEqual(batch);
});

test.each([
  ['no object', []],
  [
    'a price below nothing',
    { ...(heldBatchJson(batch) as object), prices: { gbSecondRunning: -1, gbSecondFrozen: 1 } },
  ],
  ['memory that is no whole number', JSON.parse(JSON.stringify(heldBatchJson(batch)).replace('"7"', '"-7"'))],
])('%s is no batch', (_, value) => {
  expect(() => readHeldBatch(value)).toThrow();
});
