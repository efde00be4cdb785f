import { keptTrace, traceContextOf, traceHeaders } from '../../../gateway/invocation/trace-context';

const [TRACE, SPAN, MARK] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', '00f067aa0ba902b7'];
const PARENT = `00-${TRACE}-${SPAN}-01`;

test('goes on with the trace as a span of its own, its entry first', () => {
  const trace = traceContextOf({ traceparent: PARENT, tracestate: ' vendor=a:b , presage=old, other=2' });
  expect(trace).toEqual({ traceId: TRACE, parentId: SPAN, flags: '01', own: 'old', others: 'vendor=a:b,other=2' });
  expect(traceHeaders(trace, MARK)).toEqual({
    traceparent: `00-${TRACE}-${MARK}-01`,
    tracestate: `presage=${MARK},vendor=a:b,other=2`,
  });
});

test('begins one where there is none, or a broken one, of which nothing is kept', () => {
  const broken = [
    {},
    { traceparent: 'broken', tracestate: 'a=1' },
    { traceparent: `ff-${TRACE}-${SPAN}-01` },
    { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` },
    { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` },
    { traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-01` },
    // In the first version there is nothing more.
    { traceparent: `${PARENT}-more` },
  ];
  for (const headers of broken) {
    const trace = traceContextOf(headers);
    expect(trace).toMatchObject({ parentId: null, flags: '01', own: null, others: '' });
    expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(trace.traceId).not.toBe(TRACE);
    expect(traceHeaders(trace, MARK).tracestate).toBe(`presage=${MARK}`);
  }
});

test('of a later version it takes what it knows and speaks its own', () => {
  const trace = traceContextOf({ traceparent: `cc-${TRACE}-${SPAN}-fa-what.the-future` });
  expect(traceHeaders(trace, MARK).traceparent).toBe(`00-${TRACE}-${MARK}-02`);
});

test('has 32 entries at most', () => {
  const entries = Array.from({ length: 40 }, (_, index) => `v${index}=1`);
  const { tracestate } = traceHeaders(traceContextOf({ traceparent: PARENT, tracestate: entries.join() }), MARK);
  expect(tracestate.split(',')).toEqual([`presage=${MARK}`, ...entries.slice(0, 31)]);
});

test('kept for later it is the same trace, with the same caller', () => {
  const headers = { traceparent: PARENT, tracestate: `presage=${MARK},a=1` };
  expect(keptTrace(traceContextOf(headers))).toEqual(Object.entries(headers).flat());
  const begun = traceContextOf({});
  const [, traceparent] = keptTrace(begun);
  expect(traceContextOf({ traceparent })).toMatchObject({ traceId: begun.traceId, own: null, others: '' });
});
