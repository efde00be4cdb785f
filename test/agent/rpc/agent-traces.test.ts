import type { AcquireReply } from '../../../agent/rpc/agent-messages';
import { AgentTraces } from '../../../agent/rpc/agent-traces';
import type { Span } from '../../../core/trace/span';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const KEPT = `00-${TRACE}-b7ad6b7169203331-01`;

const reply = {
  instanceId: 'i1',
  kind: 'cold',
  cause: 'first',
  queueMs: 0,
  sandboxMs: 20,
  readyMs: 30,
  blank: true,
} as AcquireReply;
const wish = (traceparent?: string) => ({ invocationId: 'v1', ...(traceparent === undefined ? {} : { traceparent }) });

let spans: Span[];
let traces: AgentTraces;
beforeEach(() => {
  spans = [];
  traces = new AgentTraces({ ended: (span) => void spans.push(span) }, 'edge-1');
});

test('an instance that was asked for is a span below the call’s, with the phases of its start', async () => {
  expect(await traces.acquire(wish(KEPT), async () => reply)).toBe(reply);
  const own = spans.find(({ name }) => name === 'acquire');
  expect(own).toMatchObject({
    traceId: TRACE,
    parentId: 'b7ad6b7169203331',
    kind: 'server',
    attributes: {
      'presage.node': 'edge-1',
      'presage.start.kind': 'cold',
      'presage.start.cause': 'first',
      'presage.start.blank': true,
    },
  });
  const phases = spans.filter(({ parentId }) => parentId === own?.spanId);
  expect(phases.map(({ name, startMs, endMs }) => [name, Math.round(endMs - startMs)])).toEqual([
    ['sandbox', 20],
    ['ready', 30],
  ]);
});

test('other calls are spans too, and say why they failed', async () => {
  await traces.call('Seal', KEPT, () => 'sealed');
  await expect(traces.call('Verify', KEPT, () => Promise.reject(new Error('altered')))).rejects.toThrow('altered');
  expect(spans.map(({ name, error }) => [name, error])).toEqual([
    ['Seal', null],
    ['Verify', 'altered'],
  ]);
  await expect(traces.acquire(wish(KEPT), () => Promise.reject(new Error('full')))).rejects.toThrow('full');
  expect(spans.at(-1)).toMatchObject({ name: 'acquire', error: 'full' });
});

test.each([undefined, '', 'nonsense', KEPT.replace(/01$/, '00')])('of %s nothing is kept', async (traceparent) => {
  await traces.acquire(wish(traceparent), async () => reply);
  await traces.call('Stats', traceparent, () => 1);
  expect(spans).toEqual([]);
});
