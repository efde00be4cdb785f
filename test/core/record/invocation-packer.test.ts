import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { readBlock, readTimes } from '../../../core/record/block-reader';
import type { InvocationBlock } from '../../../core/record/invocation-batch';
import type { InvocationRecord } from '../../../core/record/invocation-record';
import { latencyKey } from '../../../core/traffic/latency-counts';
import { packed, sampleId, sampleInvocation } from '../../drivers/store/sample-records';
import { recordsIn } from '../../fakes/records-in';

const MINUTE = Date.parse('2026-03-04T05:06:00.000Z');
const HOUR_US = 3_600_000_000;
const ms = (most: number) => fc.integer({ min: 0, max: most }).map((micros) => micros / 1000);
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', '/nul\0', '/half\ud800'));

const ordinary: fc.Arbitrary<InvocationRecord> = fc
  .record({
    at: fc.integer({ min: 0, max: 179_999 }).map((after) => new Date(MINUTE + after)),
    functionId: fc.constantFrom('f1', 'f2'),
    revision: fc.option(fc.integer({ min: 1, max: 1000 })),
    node: fc.constantFrom('local', 'edge-1'),
    instanceId: fc.option(text),
    method: fc.constantFrom('GET', 'POST'),
    path: text,
    status: fc.integer({ min: 100, max: 499 }),
    executeMs: ms(HOUR_US),
    queueMs: ms(10_000_000),
    firstByteMs: ms(HOUR_US),
    phases: fc.record({ admit: ms(300), firstByte: ms(70_000), body: ms(2 ** 33) }),
    cpuMicros: fc.option(fc.nat()),
    memoryByteMs: fc.maxSafeNat(),
    bytesIn: fc.nat({ max: 300 }),
    bytesOut: fc.maxSafeNat().map((bytes) => bytes % 2 ** 40),
    traceId: fc.option(fc.stringMatching(/^[0-9a-f]{31}[1-9a-f]$/)),
    userRegion: fc.option(fc.constantFrom('eu', 'us')),
    callerId: fc.option(text),
    caller: fc.option(text),
    pricing: fc.option(text),
  })
  .map((part) => {
    const total = Math.round((part.executeMs + part.queueMs) * 1000) / 1000;
    return sampleInvocation({ ...part, id: sampleId(part.at), function: part.functionId, totalMs: total });
  });

const byId = (records: readonly InvocationRecord[]) => [...records].sort((a, b) => (a.id < b.id ? -1 : 1));

test('ordinary calls come back as they went in, a block for each function and minute', () => {
  fc.assert(
    fc.property(fc.array(ordinary, { minLength: 1, maxLength: 60 }), (records) => {
      const batch = packed(records);
      expect(batch.rows).toEqual([]);
      expect(byId(recordsIn(batch))).toEqual(byId(records));
      const keys = batch.blocks.map((block) => `${block.functionId} ${Math.floor(block.lastAt.getTime() / 60_000)}`);
      expect(keys).toHaveLength(new Set(keys).size);
      for (const block of batch.blocks) expectSummary(block);
    }),
    { numRuns: 100 },
  );
});

/** What a block says of its calls is what they come to. */
function expectSummary(block: InvocationBlock): void {
  const records = recordsIn({ blocks: [block], rows: [] });
  const times = records.map(({ at }) => at.getTime());
  expect([block.firstAt.getTime(), block.lastAt.getTime()]).toEqual([Math.min(...times), Math.max(...times)]);
  for (const { at, totalMs } of records) {
    expect(at.getTime() + totalMs).toBeGreaterThanOrEqual(block.firstEnd.getTime());
    expect(at.getTime() + totalMs).toBeLessThanOrEqual(block.lastEnd.getTime());
  }
  const { sums } = block;
  expect(sums.executeMs).toBeCloseTo(records.reduce((sum, { executeMs }) => sum + executeMs, 0));
  expect(sums.cpuMicros).toBeCloseTo(
    records.reduce((sum, { cpuMicros, executeMs }) => sum + (cpuMicros ?? executeMs * 1000), 0),
  );
  const sides = [
    [sums.users, 'userRegion'],
    [sums.callers, 'callerId'],
  ] as const;
  for (const [traffic, field] of sides) {
    const froms = [...new Set(records.map((record) => record[field]))].filter((from) => from !== null);
    expect(traffic.map(({ from }) => from).sort()).toEqual(froms.sort());
    for (const { from, ...sum } of traffic) {
      const own = records.filter((record) => record[field] === from);
      const latencies: Record<string, number> = {};
      for (const { firstByteMs } of own) {
        const key = latencyKey(firstByteMs ?? 0);
        latencies[key] = (latencies[key] ?? 0) + 1;
      }
      const total = (pick: 'bytesIn' | 'bytesOut') => own.reduce((all, record) => all + record[pick], 0);
      expect(sum).toEqual({ calls: own.length, bytesIn: total('bytesIn'), bytesOut: total('bytesOut'), latencies });
    }
  }
}

test.each<[string, Partial<InvocationRecord>]>([
  ['was not hot', { kind: 'warm', cause: 'expired' }],
  ['reached no instance', { kind: null, node: null, instanceId: null }],
  ['failed', { status: 500 }],
  ['was refused', { status: 413, errorCode: 'payload_too_large' }],
  ['was asynchronous', { attempt: 1 }],
  ['had no answer', { firstByteMs: null, status: 499 }],
  ['waited for a start', { startMs: 1, queueMs: 0.25, totalMs: 3.75 }],
  ['had other phases', { phases: { admit: 0.1, firstByte: 1, body: 1, wait: 2 } }],
  ['had phases of other names', { phases: { admit: 0.1, firstByte: 1, wait: 2 } }],
  ['has an id of another kind', { id: randomUUID() }],
  ['has the id of another time', { id: sampleId(new Date(MINUTE)) }],
  ['has an id in capitals', { id: sampleId(sampleInvocation().at).toUpperCase() }],
  ['has times that are finer', { executeMs: 2.4999, queueMs: 0.2501 }],
  ['has times that do not add up', { queueMs: 0.5 }],
  ['has a time below zero', { phases: { admit: -1, firstByte: 1, body: 1 } }],
  ['has a time that is no number', { firstByteMs: Number.NaN }],
  ['has broken bytes', { bytesIn: 1.5 }],
  ['has a trace of another kind', { traceId: 'abc' }],
  ['has the trace that is none', { traceId: '0'.repeat(32) }],
  ['has a trace in capitals', { traceId: 'A'.repeat(32) }],
])('a call that %s is kept for itself', (_, change) => {
  const record = sampleInvocation(change);
  const usual = sampleInvocation();
  const { blocks, rows } = packed([usual, record, sampleInvocation()]);
  expect(rows).toEqual([record]);
  expect(blocks.map(({ calls }) => calls)).toEqual([2]);
  expect(recordsIn({ blocks, rows: [] })[0]).toEqual(usual);
});

test('one name under two tenants or two names under one id are not mixed', () => {
  const usual = sampleInvocation();
  const odd = [sampleInvocation({ tenant: 'other' }), sampleInvocation({ function: 'other' })];
  expect(packed([usual, ...odd]).rows).toEqual(odd);
});

test('each batch begins anew', () => {
  const batch = packed([sampleInvocation()]);
  expect(packed([])).toEqual({ blocks: [], rows: [] });
  expect(packed([sampleInvocation()]).blocks[0]?.id).not.toBe(batch.blocks[0]?.id);
});

test('a hundred calls alike take some sixty bytes each', () => {
  const calls = Array.from({ length: 100 }, (_, i) =>
    sampleInvocation({ traceId: randomUUID().replaceAll('-', ''), executeMs: 2.5 + i, totalMs: 2.75 + i }),
  );
  const [block] = packed(calls).blocks;
  expect((block?.times.length ?? 0) + (block?.details.length ?? 0)).toBeLessThan(70 * 100);
});

test('a block of the first form, from before calls carried their pricing, is read as it was', () => {
  const at = new Date('2026-03-04T05:06:07.089Z');
  const of = { tenant: 'default', functionId: 'fn', function: 'hello', calls: 2, lastAt: at };
  const times = Buffer.from('AXXDE5oCAAAAArEbsRsCvgq+CgLECcQJ', 'base64');
  const details = Buffer.from(
    'AS1+8eMCAAAAcAGAAAAAAAAAAXACgAAAAAAAAAIAAAAAAAAAAAAAAAAAAAAACvdlGRbNQ92ESOshHIAxnAF9fQIoCigKAsoIyggBlpYChQOFAwQAL2hZAC9oWQAI' +
      'AAAAIF+g8kEAAAAgX6DyQQAAAAABAAEAAQABAQABAQABW1sxXSxbImxvY2FsIl0sWyJpMSJdLFsiR0VUIl0sWyIvIiwiL3BheSJdLFsyMDBdLFsiZXUiLG51' +
      'bGxdLFtudWxsLCJjLTEiXSxbbnVsbCwiY2FydCJdXQ==',
    'base64',
  );
  const record = readBlock({ ...of, times, details });
  const id = (lot: number) => `019cb73d-3271-700${lot}-8000-00000000000${lot}`;
  expect(record(0)).toEqual(sampleInvocation({ id: id(1), userRegion: 'eu' }));
  const paid = { path: '/pay', caller: 'cart', callerId: 'c-1', traceId: '0af7651916cd43dd8448eb211c80319c' };
  expect(record(1)).toEqual(sampleInvocation({ id: id(2), ...paid }));
});

describe('bytes that are not those of the block', () => {
  const records = [1, 2, 3].map((i) => sampleInvocation({ path: `/${i}`, userRegion: 'eu' }));
  const [block] = packed(records).blocks as [InvocationBlock];
  const refused = (change: Partial<InvocationBlock>): void =>
    expect(() => readBlock({ ...block, ...change })(0)).toThrow(/^A block of invocations/);

  test.each(['times', 'details'] as const)('are refused: any change of one byte of the %s', (part) => {
    fc.assert(
      fc.property(fc.nat({ max: block[part].length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = Uint8Array.from(block[part]);
        altered[at] = (altered[at] ?? 0) ^ change;
        refused({ [part]: altered });
      }),
      { numRuns: 500 },
    );
  });

  test.each(['times', 'details'] as const)('are refused: %s cut off or drawn out', (part) => {
    for (let length = 0; length < block[part].length; length++) refused({ [part]: block[part].subarray(0, length) });
    refused({ [part]: Buffer.concat([block[part], Buffer.alloc(1)]) });
  });

  test('are refused: of another number of calls', () => {
    for (const calls of [0, 2, 4]) refused({ calls });
    expect(() => readTimes({ ...block, calls: 2 })).toThrow('has been altered');
  });

  test('are refused: a newer form', () => {
    const newer = Uint8Array.from(block.times);
    newer[0] = 3;
    expect(() => readTimes({ ...block, times: newer })).toThrow('has a form that is not known');
  });
});
