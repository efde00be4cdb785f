import type { Span } from '../../../core/trace/span';
import { makeHarness, type Harness } from '../api/api-harness';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

let spans: Span[];
let api: Harness;
beforeEach(async () => {
  spans = [];
  api = await makeHarness({ tracer: { ratio: 0, ended: (span) => void spans.push(span) } });
});
afterEach(() => api.close());

test('a request is a span of its caller’s trace, by its route, and the workflow that it starts goes on from it', async () => {
  await api.makeFunction('acme', 'f');
  const headers = { traceparent: `00-${TRACE}-b7ad6b7169203331-01` };
  const { status } = await api.call('POST', '/v1/functions/f/checkpoints', { headers, payload: {} });
  expect(status).toBe(202);
  expect(spans).toEqual([
    expect.objectContaining({
      traceId: TRACE,
      parentId: 'b7ad6b7169203331',
      name: 'POST /v1/functions/:name/checkpoints',
      kind: 'server',
      attributes: expect.objectContaining({ 'http.response.status_code': 202, 'presage.tenant': 'acme' }),
    }),
  ]);
  expect(api.workflows.traceparents).toEqual([`00-${TRACE}-${spans[0]?.spanId}-01`]);
});

test('what is not kept leaves no span, nor do probes and scrapes', async () => {
  await api.call('GET', '/v1/functions');
  const headers = { traceparent: `00-${TRACE}-b7ad6b7169203331-00` };
  await api.call('GET', '/v1/functions', { headers });
  await api.call('GET', '/livez', { headers: { traceparent: `00-${TRACE}-b7ad6b7169203331-01` }, key: null });
  expect(spans).toEqual([]);
  expect(api.workflows.traceparents).toEqual([]);
});

test('metrics are in the format that is asked for', async () => {
  const open = await api.call('GET', '/metrics', {
    key: null,
    headers: { accept: 'application/openmetrics-text;version=1.0.0,*/*;q=0.1' },
  });
  expect(open.headers['content-type']).toContain('application/openmetrics-text');
  expect(open.text.endsWith('# EOF\n')).toBe(true);
  const plain = await api.call('GET', '/metrics', { key: null });
  expect(plain.headers['content-type']).toContain('text/plain');
  expect(plain.text).toContain('presage_forecast_made_total');
});
