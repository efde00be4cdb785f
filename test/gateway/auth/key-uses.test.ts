import { KeyUses } from '../../../gateway/auth/key-uses';

test('many uses are one write, and those that could not be written are written with the next', async () => {
  const writes: string[][] = [];
  let away = true;
  const uses = new KeyUses({
    store: {
      touchApiKeys: (batch) => {
        if (away) return Promise.reject(new Error('away'));
        writes.push(batch.map(({ id, at }) => `${id} ${at.getTime()}`));
        return Promise.resolve();
      },
    },
    log: { warn: () => undefined },
    flushMs: 3_600_000,
  });
  for (let at = 0; at < 1000; at++) uses.note('a', at);
  uses.note('b', 5);
  await uses.flush();
  uses.note('a', 2000);
  away = false;
  await uses.flush();
  expect(writes).toEqual([['a 2000', 'b 5']]);
  await uses.close();
  expect(writes).toHaveLength(1);
});
