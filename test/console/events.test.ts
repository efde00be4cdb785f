import { dataLine, matching, NO_EVENTS, resumed, toneOf, withEvents } from '../../console/src/pages/events/event-list';

const event = (id: number, change: object = {}) => ({
  id: String(id),
  at: '2026-03-04T05:06:07.000Z',
  tenant: 'acme',
  type: 'instance.started',
  function: null,
  node: null,
  data: {},
  ...change,
});
const ids = (events: readonly { id: string }[]) => events.map(({ id }) => id);

test('events are held once, the newest first, in whatever order they come', () => {
  const list = withEvents(withEvents(NO_EVENTS, [event(9), event(10)], false), [event(8), event(10), event(11)], false);
  expect(ids(list.shown)).toEqual(['11', '10', '9', '8']);
});

test('what comes in a pause waits, and is shown after it', () => {
  const paused = withEvents(withEvents(NO_EVENTS, [event(1)], false), [event(2)], true);
  expect([ids(paused.shown), ids(paused.waiting)]).toEqual([['1'], ['2']]);
  expect(withEvents(paused, [event(2)], true)).toBe(paused);
  expect(ids(resumed(paused).shown)).toEqual(['2', '1']);
});

test('no more are held than one can read', () => {
  const many = Array.from({ length: 700 }, (_, index) => event(index + 1));
  const { shown } = withEvents(NO_EVENTS, many, false);
  expect([shown.length, shown[0]?.id]).toEqual([500, '700']);
});

test('words are looked for in all that an event says', () => {
  const all = [event(1, { function: 'pay' }), event(2, { data: { reason: 'Pay day' } }), event(3, { node: 'edge' })];
  expect(ids(matching(all, 'pay'))).toEqual(['1', '2']);
  expect(ids(matching(all, 'pay reason'))).toEqual(['2']);
  expect(matching(all, ' ')).toBe(all);
});

test('says how good it is, and its data in a line', () => {
  expect(['deployment.failed', 'warming.capped', 'deployment.succeeded', 'instance.started'].map(toneOf)).toEqual([
    'bad',
    'warn',
    'good',
    'neutral',
  ]);
  expect(dataLine({ a: 'x', b: { c: 1 }, d: null, e: '' })).toBe('a: x · b: {"c":1}');
});
