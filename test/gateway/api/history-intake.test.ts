import { Readable } from 'node:stream';
import { takeInHistory } from '../../../gateway/api/history-intake';
import { createMemoryStore } from '../../fakes/memory-store';
import { deployRevision, newTenant } from '../../drivers/store/sample-records';

const store = createMemoryStore();
const now = new Date('2026-11-23T09:10:30.000Z');
let tenant: string;
beforeEach(async () => {
  tenant = await newTenant(store);
  await deployRevision(store, tenant, 'pay');
});
const take = (body: Iterable<Buffer> | AsyncIterable<Buffer>, maxBytes = 1_000) =>
  takeInHistory({ store, now: () => now }, Readable.from(body, { objectMode: false }), {
    tenant,
    time: { end: new Date('2026-11-23T09:10:00Z') },
    maxBytes,
  });

test('a body in pieces is one file', async () => {
  const pieces = [...'pay,10,20,3\n'].map((letter) => Buffer.from(letter));
  const [series] = await take(pieces);
  expect(series).toMatchObject({ name: 'pay', first: new Date('2026-11-23T09:07:00Z'), total: 33 });
  expect([...(series?.counts ?? [])]).toEqual([10, 20, 3]);
});

test('a body that breaks off is the caller’s fault, one without a length is bounded and read to its end', async () => {
  async function* broken() {
    yield Buffer.from('pay,1,');
    throw new Error('ECONNRESET');
  }
  await expect(take(broken())).rejects.toMatchObject({
    code: 'invalid_argument',
    message: 'The upload was broken off.',
  });
  let read = 0;
  function* long() {
    for (let i = 0; i < 50; i++) {
      read++;
      yield Buffer.alloc(100, '1');
    }
  }
  await expect(take(long())).rejects.toMatchObject({ code: 'payload_too_large' });
  expect(read).toBe(50);
});

test('a hundred problems are told of many', async () => {
  const lines = Array.from({ length: 150 }, (_, i) => `nobody-${i},1`).join('\n');
  const refused = (await take([Buffer.from(lines)], 1e6).catch((error: unknown) => error)) as {
    problems: unknown[];
    message: string;
  };
  expect(refused.message).toContain('150 problem(s)');
  expect(refused.problems).toHaveLength(100);
});
