import { randomBytes } from 'node:crypto';
import { CallerMarks } from '../../../gateway/invocation/caller-marks';
import { revisionRouteOf } from '../../../gateway/invocation/revision-route';
import { traceContextOf, traceHeaders, type TraceContext } from '../../../gateway/invocation/trace-context';
import { revisionRecord } from '../gateway-harness';

const NOW = Date.parse('2026-03-04T05:59:59.000Z');
const HOUR_MS = 3_600_000;
const master = randomBytes(32);
const cart = { functionId: 'cart-id', tenant: 'acme', function: 'cart', node: null };

function gateway(key = master): CallerMarks {
  const marks = new CallerMarks(key);
  const revision = (fn: object) => revisionRouteOf({ ...revisionRecord('cart'), ...fn });
  const pay = { functionId: 'pay-id', tenant: 'acme', function: 'pay' };
  marks.routesChanged([revision(cart), revision(pay), revision({ ...cart, functionId: 'x', tenant: 'other' })]);
  return marks;
}

/** What the function gets, sent on by it. */
function passedOn(marks: CallerMarks, functionId: string, trace: TraceContext = traceContextOf({})): TraceContext {
  return traceContextOf({ ...traceHeaders(trace, marks.mark(functionId, trace, NOW)) });
}

test('every gateway of the platform knows who sends a trace on', () => {
  const trace = passedOn(gateway(), cart.functionId);
  expect(gateway().callerOf(trace, 'acme', NOW)).toEqual(cart);
  expect(gateway(randomBytes(32)).callerOf(trace, 'acme', NOW)).toBeNull();
});

test('one header of the two is enough', () => {
  const marks = gateway();
  const trace = passedOn(marks, cart.functionId);
  expect(marks.callerOf({ ...trace, own: null }, 'acme', NOW)).toEqual(cart);
  // The function makes spans of its own.
  expect(marks.callerOf({ ...trace, parentId: 'b7ad6b7169203331' }, 'acme', NOW)).toEqual(cart);
});

test('the nearest caller counts', () => {
  const marks = gateway();
  const trace = passedOn(marks, 'pay-id', passedOn(marks, cart.functionId));
  expect(marks.callerOf(trace, 'acme', NOW)).toMatchObject({ function: 'pay' });
});

test('a mark is nothing in another trace, for another tenant, or much later', () => {
  const marks = gateway();
  const trace = passedOn(marks, cart.functionId);
  const other = traceContextOf({}).traceId;
  expect(marks.callerOf({ ...trace, traceId: other }, 'acme', NOW)).toBeNull();
  expect(marks.callerOf(trace, 'other', NOW)).toBeNull();
  expect(marks.callerOf(passedOn(marks, 'x'), 'acme', NOW)).toBeNull();
  expect(marks.callerOf(trace, 'acme', NOW + HOUR_MS)).toEqual(cart);
  expect(marks.callerOf(trace, 'acme', NOW - HOUR_MS)).toEqual(cart);
  expect(marks.callerOf(trace, 'acme', NOW + 2 * HOUR_MS)).toBeNull();
});

test('a mark cannot be made out of others', () => {
  const marks = gateway();
  const trace = traceContextOf({});
  const [a, b] = [marks.mark('cart-id', trace, NOW), marks.mark('pay-id', trace, NOW)];
  const mixed = [a.slice(0, 8) + b.slice(8), b.slice(0, 8) + a.slice(8), a.slice(8) + a.slice(0, 8), `${a}0`, 'x'];
  for (const parentId of mixed) expect(marks.callerOf({ ...trace, parentId }, 'acme', NOW)).toBeNull();
  expect(a).not.toBe(marks.mark('cart-id', trace, NOW));
  expect(a).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
});

test('a function that is gone calls no more', () => {
  const marks = gateway();
  const trace = passedOn(marks, cart.functionId);
  marks.routesChanged([]);
  expect(marks.callerOf(trace, 'acme', NOW)).toBeNull();
});

test('guesses from outside name nobody', () => {
  const marks = gateway();
  for (let guess = 0; guess < 10_000; guess++) {
    const own = randomBytes(8).toString('hex');
    const trace = traceContextOf({ traceparent: `00-${randomBytes(16).toString('hex')}-${own}-01` });
    expect(marks.callerOf({ ...trace, own }, 'acme', NOW)).toBeNull();
  }
});
