import type { Span } from '../../../core/trace/span';
import { CallTraces } from '../../../gateway/tracing/call-traces';
import { startHarness, type Harness } from '../gateway-harness';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

let spans: Span[];
let gateway: Harness;
const start = async (ratio = 1): Promise<void> => {
  spans = [];
  gateway = await startHarness({}, { traces: new CallTraces({ ratio, ended: (span) => void spans.push(span) }) });
};
afterEach(() => gateway.close());
const call = async (path: string, traceparent?: string) => {
  const answer = await gateway.call(path, traceparent === undefined ? {} : { headers: { traceparent } });
  await gateway.recordOf(answer);
  return answer;
};

test('a call is a span of its caller’s trace, under the id that its function and its agent see', async () => {
  await start();
  let seen = '';
  gateway.agent.handler = (request, response) => {
    seen = String(request.headers['traceparent']);
    response.end('ok');
  };
  await call('/fn/acme/f/some/path', `00-${TRACE}-${CALLER}-01`);
  const [own, ...parts] = spans;
  expect(own).toMatchObject({
    traceId: TRACE,
    parentId: CALLER,
    name: 'acme/f',
    kind: 'server',
    error: null,
    attributes: {
      'url.path': '/some/path',
      'http.response.status_code': 200,
      'presage.start.kind': 'cold',
      'faas.coldstart': true,
    },
  });
  expect(seen).toBe(`00-${TRACE}-${own?.spanId}-01`);
  expect(gateway.agent.acquired[0]?.traceparent).toBe(seen);
  expect(parts.map(({ name, parentId }) => [name, parentId])).toEqual([
    ['wait for an instance', own?.spanId],
    ['execute', own?.spanId],
  ]);
  for (const part of parts) {
    expect(part.startMs).toBeGreaterThanOrEqual((own?.startMs ?? 0) - 0.001);
    expect(part.endMs).toBeLessThanOrEqual((own?.endMs ?? 0) + 0.001);
  }
});

test('a hot call waits for nobody', async () => {
  await start();
  await call('/fn/acme/f');
  spans.length = 0;
  await call('/fn/acme/f');
  expect(spans.map(({ name }) => name)).toEqual(['acme/f', 'execute']);
  expect(spans[0]?.parentId).toBeNull();
});

test('what the caller does not keep is not kept, and neither is what the lot leaves out', async () => {
  await start(0);
  let seen = '';
  gateway.agent.handler = (request, response) => {
    seen = String(request.headers['traceparent']);
    response.end('ok');
  };
  await call('/fn/acme/f', `00-${TRACE}-${CALLER}-00`);
  expect(seen).toMatch(new RegExp(`^00-${TRACE}-.*-00$`));
  await call('/fn/acme/f');
  expect(seen).toMatch(/-00$/);
  expect(spans).toEqual([]);
  expect(gateway.agent.acquired[0]?.traceparent).toBeUndefined();
  await call('/fn/acme/f', `00-${TRACE}-${CALLER}-01`);
  expect(spans.map(({ traceId }) => traceId)).toContain(TRACE);
});

test('a failure of the platform is a failed span, and nothing of the call is remembered', async () => {
  await start();
  gateway.agent.onAcquire = () => Promise.reject(Object.assign(new Error('no room'), { code: 'capacity' }));
  const answer = await call('/fn/acme/f');
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(spans[0]).toMatchObject({ error: expect.any(String), attributes: { 'presage.start.kind': 'none' } });
});

test('without tracing a call is forwarded as ever', async () => {
  gateway = await startHarness({});
  await call('/fn/acme/f');
  expect(gateway.agent.acquired[0]).not.toHaveProperty('traceparent');
});
