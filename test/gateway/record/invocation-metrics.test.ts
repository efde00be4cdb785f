import { createInvocationMetrics } from '../../../gateway/record/invocation-metrics';
import { recordOf } from './invocation-record';

const gauges = {
  inFlight: () => 3,
  leases: () => 2,
  recordsPending: () => 7,
  recordsDropped: () => 5,
  recordsSpooledBytes: () => 11,
  blankStarts: () => 4,
};

test('counts by function, start and class of status', async () => {
  const metrics = createInvocationMetrics(gauges);
  for (const record of [
    recordOf({}),
    recordOf({}),
    recordOf({ kind: 'restore', cause: 'expired', startMs: 12, status: 502 }),
    recordOf({ kind: null, status: 403 }),
  ]) {
    metrics.observe(record);
  }
  const text = await metrics.registry.metrics();
  expect(text).toContain('presage_invocations_total{tenant="acme",function="f",start="hot",code="2xx"} 2');
  expect(text).toContain('presage_invocations_total{tenant="acme",function="f",start="restore",code="5xx"} 1');
  expect(text).toContain('presage_invocations_total{tenant="acme",function="f",start="none",code="4xx"} 1');
  expect(text).toContain('presage_starts_total{start="restore",cause="expired"} 1');
  expect(text).toContain('presage_start_duration_seconds_sum{start="restore"} 0.012');
  expect(text).toContain('presage_invocation_duration_seconds_count{start="hot"} 2');
  expect(text).toContain('presage_invocations_in_flight 3');
  expect(text).toContain('presage_records_dropped_total 5');
  expect(text).toContain('presage_blank_starts_total 4');
  expect(await metrics.registry.metrics()).toContain('presage_records_dropped_total 5');
});

test('functions without number do not make labels without number', async () => {
  const metrics = createInvocationMetrics(gauges);
  for (let i = 0; i < 2_000; i++) metrics.observe(recordOf({ functionId: `${i}`, function: `f${i}` }));
  const { values } = await (
    metrics.registry.getSingleMetric('presage_invocations_total') as never as {
      get(): Promise<{ values: { value: number; labels: { function: string } }[] }>;
    }
  ).get();
  expect(values).toHaveLength(501);
  expect(values.find(({ labels }) => labels.function === 'other')?.value).toBe(1_500);
});
