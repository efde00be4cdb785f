import fc from 'fast-check';
import { invocationRecordOf, type InvocationProgress } from '../../../gateway/record/invocation-progress';

const revision = { tenant: 'acme', functionId: 'f-id', function: 'f', number: 2 };

function progressOf(part: Partial<InvocationProgress>): InvocationProgress {
  return {
    id: 'id',
    at: new Date(0),
    arrivedAt: 0,
    method: 'GET',
    path: '/',
    traceId: null,
    caller: null,
    pricing: null,
    userRegion: null,
    callerRegion: undefined,
    admittedAt: null,
    grantedAt: null,
    sentAt: null,
    headAt: null,
    kind: null,
    cause: null,
    agentQueueMs: 0,
    sandboxMs: 0,
    readyMs: 0,
    node: null,
    instanceId: null,
    cpuMicros: null,
    bytesIn: 0,
    bytesOut: 0,
    ...part,
  };
}

test('queue, start and execute add up to the total, wherever an invocation ended', () => {
  const span = fc.double({ min: 0, max: 5_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(span, { minLength: 5, maxLength: 5 }),
      fc.integer({ min: 0, max: 4 }),
      span,
      (spans, reached, startMs) => {
        const moments: number[] = [];
        for (const length of spans) moments.push((moments.at(-1) ?? 1_000) + length);
        const moment = (index: number): number | null => (index < reached ? (moments[index] ?? null) : null);
        const progress = progressOf({
          arrivedAt: 1_000,
          admittedAt: moment(0),
          grantedAt: moment(1),
          sentAt: moment(2),
          headAt: moment(3),
          kind: reached > 1 ? 'cold' : null,
          sandboxMs: reached > 1 ? startMs / 2 : 0,
          readyMs: reached > 1 ? startMs / 2 : 0,
        });
        const end = { endedAt: moments[4] ?? 0, status: 200, errorCode: null };
        const record = invocationRecordOf(progress, end, revision, 1);
        const sum = record.queueMs + record.startMs + record.executeMs;
        expect(Math.abs(sum - record.totalMs)).toBeLessThanOrEqual(Math.max(0.01, record.totalMs / 100));
        expect(Math.min(record.queueMs, record.startMs, record.executeMs)).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

test('who came late to a start waited for less than all of it', () => {
  const progress = progressOf({
    admittedAt: 90,
    grantedAt: 100,
    sentAt: 100,
    kind: 'cold',
    sandboxMs: 60,
    readyMs: 20,
  });
  const record = invocationRecordOf(progress, { endedAt: 150, status: 200, errorCode: null }, revision, 1_000);
  expect(record).toMatchObject({ startMs: 10, executeMs: 50, queueMs: 90, totalMs: 150, memoryByteMs: 50_000 });
});
