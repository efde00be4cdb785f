import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { openMetricsText, wantsOpenMetrics } from '../../../gateway/metrics/open-metrics-text';
import { registerStoredHistogram } from '../../../gateway/metrics/stored-histogram';
import { createInvocationMetrics } from '../../../gateway/record/invocation-metrics';
import { recordOf } from '../record/invocation-record';

test('counters, gauges and histograms as OpenMetrics has them; the registry stays as it was', async () => {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'a_total', help: 'As', labelNames: ['of'], registers }).inc({ of: 'x"\n\\' }, 2);
  new Gauge({ name: 'b', help: 'a\nb', registers }).set(Number.POSITIVE_INFINITY);
  new Histogram({ name: 'c_seconds', help: 'Cs', buckets: [1], registers }).observe(0.5);
  const before = await registry.metrics();
  expect(await openMetricsText(registry)).toBe(
    [
      '# TYPE a counter',
      '# HELP a As',
      'a_total{of="x\\"\\n\\\\"} 2',
      '# TYPE b gauge',
      '# HELP b a\\nb',
      'b +Inf',
      '# TYPE c_seconds histogram',
      '# HELP c_seconds Cs',
      'c_seconds_bucket{le="1"} 1',
      'c_seconds_bucket{le="+Inf"} 1',
      'c_seconds_sum 0.5',
      'c_seconds_count 1',
      '# EOF',
      '',
    ].join('\n'),
  );
  expect(await registry.metrics()).toBe(before);
  expect(before).toContain('a_total{');
});

test('a call whose trace is kept is an exemplar of its latency', async () => {
  const zero = (): number => 0;
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const kept = recordOf({ traceId, totalMs: 150, kind: 'cold', cause: 'first', startMs: 100 });
  const metrics = createInvocationMetrics({
    ...{ inFlight: zero, leases: zero, blankStarts: zero, recordsPending: zero, recordsDropped: zero },
    recordsSpooledBytes: zero,
    traced: (id) => id === kept.id,
  });
  metrics.observe(recordOf({ id: 'another', traceId: 'f'.repeat(32), totalMs: 90_000 }));
  metrics.observe(kept);
  const text = await openMetricsText(metrics.registry);
  expect(text).toMatch(
    new RegExp(
      `_invocation_duration_seconds_bucket\\{le="0.2",start="cold"\\} 1 # \\{trace_id="${traceId}"\\} 0.15 \\d`,
    ),
  );
  expect(text).toMatch(new RegExp(`_start_duration_seconds_bucket\\{[^}]*\\} 1 # \\{trace_id="${traceId}"\\} 0.1 `));
  expect(text).not.toContain('ffff');
});

test('a histogram that others have counted is one', async () => {
  const registry = new Registry();
  const wanted = { name: 'd_seconds', help: 'Ds', labelNames: ['how'], bounds: [1, 5] };
  registerStoredHistogram(registry, wanted, async () => [
    { labels: { how: 'well' }, count: 3, sum: 9, buckets: [1, 2] },
  ]);
  const text = await registry.metrics();
  expect(text).toContain('# TYPE d_seconds histogram');
  expect(text).toContain('d_seconds_bucket{how="well",le="5"} 2');
  expect(text).toContain('d_seconds_bucket{how="well",le="+Inf"} 3');
  expect(text).toContain('d_seconds_sum{how="well"} 9');
});

test.each([
  ['application/openmetrics-text;version=1.0.0,text/plain;q=0.5', true],
  ['text/plain;version=0.0.4', false],
  ['*/*', false],
  [undefined, false],
])('%s: %s', (accept, wanted) => expect(wantsOpenMetrics(accept)).toBe(wanted));
