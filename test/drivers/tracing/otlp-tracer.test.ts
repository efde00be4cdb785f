import type { Span } from '../../../core/trace/span';
import { createOtlpTracer } from '../../../drivers/tracing/otlp/otlp-tracer';
import { newSpanId } from '../../../drivers/tracing/tracer';
import { openOtlpCollector, type OtlpCollector } from '../../fakes/otlp-collector';

let collector: OtlpCollector;
beforeEach(async () => {
  collector = await openOtlpCollector();
});
afterEach(() => collector.close());

const warned: string[] = [];
const tracer = (more: { url?: string; gatherMs?: number } = {}) =>
  createOtlpTracer({
    url: `${collector.endpoint}/v1/traces`,
    headers: { 'x-token': 'secret' },
    ratio: 1,
    timeoutMs: 1_000,
    resource: { 'service.name': 'test' },
    log: { warn: (fields: object) => void warned.push(JSON.stringify(fields)) } as never,
    gatherMs: 5,
    ...more,
  });
const span = (name: string): Span => ({
  ...{ traceId: 'a'.repeat(32), spanId: newSpanId(), parentId: null, name, kind: 'internal' as const },
  ...{ startMs: 1, endMs: 2, attributes: {}, error: null },
});

test('sends what has ended, gathered, with its headers', async () => {
  const own = tracer();
  for (let i = 0; i < 3; i++) own.ended(span(`s${i}`));
  await own.close(1_000);
  expect(collector.spans.map(({ name, service }) => `${service} ${name}`)).toEqual(['test s0', 'test s1', 'test s2']);
  expect(collector.requests).toEqual([
    {
      url: '/v1/traces',
      headers: expect.objectContaining({ 'x-token': 'secret', 'content-type': 'application/json' }),
    },
  ]);
});

test('many go in several messages', async () => {
  const own = tracer({ gatherMs: 60_000 });
  for (let i = 0; i < 1_100; i++) own.ended(span(`s${i}`));
  await own.close(1_000);
  expect(collector.spans).toHaveLength(1_100);
  expect(collector.requests.length).toBeGreaterThanOrEqual(3);
});

test('a collector that refuses or is away costs spans and one warning, nothing else', async () => {
  warned.length = 0;
  collector.status = 500;
  const own = tracer();
  own.ended(span('lost'));
  await own.close(1_000);
  const gone = await openOtlpCollector();
  await gone.close();
  const away = tracer({ url: `${gone.endpoint}/v1/traces` });
  away.ended(span('lost too'));
  await away.close(1_000);
  expect(warned).toEqual([expect.stringContaining('status 500'), expect.stringContaining('ECONNREFUSED')]);
  expect(collector.spans).toEqual([]);
});

test('ids of spans are 16 digits, and differ', () => {
  const ids = Array.from({ length: 1_000 }, newSpanId);
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
});
