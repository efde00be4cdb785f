import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../core/error/platform-error';
import { sampleEvent, sampleLog } from '../../drivers/store/sample-records';
import { makeHarness, type Harness } from './api-harness';
import { EventReader } from './event-reader';

let api: Harness;
const readers: EventReader[] = [];
beforeEach(async () => {
  api = await makeHarness();
  await api.makeFunction('acme', 'hello');
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await api.close();
});

async function open(path: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const reader = await EventReader.open(`${api.origin}${path}`, { 'x-api-key': api.acmeKey, ...headers });
  readers.push(reader);
  return reader;
}
const write = (...types: string[]) => api.store.writeEvents(types.map((type) => sampleEvent({ tenant: 'acme', type })));
const log = (...texts: string[]) => api.store.writeLogs(texts.map((text) => sampleLog({ tenant: 'acme', text })));
/** Waits until it holds; jest's deadline ends a wait in vain. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(5);
}

test('a new follower hears what comes from now on, of its tenant alone', async () => {
  await write('old.one');
  const reader = await open('/v1/events');
  expect(await reader.take(1)).toEqual([{ id: '1' }]);
  await api.store.writeEvents([sampleEvent({ tenant: 'default', type: 'foreign.one' })]);
  await write('new.one', 'new.two');
  const events = await reader.take(2);
  expect(events.map((event) => [event?.id, event?.event])).toEqual([
    ['3', 'new.one'],
    ['4', 'new.two'],
  ]);
  expect(JSON.parse(events[0]?.data ?? '')).toMatchObject({ id: '3', tenant: 'acme', type: 'new.one' });
});

test('Last-Event-ID goes on where the reader was: nothing lost, nothing twice', async () => {
  const reader = await open('/v1/events');
  await reader.block();
  await write('a', 'b');
  const seen = await reader.take(2);
  reader.close();
  await write('c', 'd');
  const again = await open('/v1/events', { 'last-event-id': seen[1]?.id ?? '' });
  expect((await again.take(2)).map((event) => event?.event)).toEqual(['c', 'd']);
  await write('e');
  expect((await again.take(1)).map((event) => event?.event)).toEqual(['e']);
});

test('a reader that was away for many pages catches up in order', async () => {
  await write('first');
  await write(...Array.from({ length: 950 }, (_, index) => `n.${index}`));
  const reader = await open('/v1/events', { 'last-event-id': '1' });
  const events = await reader.take(950);
  expect(events.map((event) => event?.event)).toEqual(Array.from({ length: 950 }, (_, index) => `n.${index}`));
});

test('types and tail narrow and widen what is shown', async () => {
  await write('a', 'b', 'a', 'b');
  const reader = await open('/v1/events?types=b&tail=5');
  expect((await reader.take(2)).map((event) => event?.id)).toEqual(['2', '4']);
  await write('a', 'b');
  expect((await reader.take(1)).map((event) => event?.id)).toEqual(['6']);
});

test('logs are followed by function, from the last lines when asked', async () => {
  await log('one', 'two', 'three');
  const reader = await open('/v1/functions/hello/logs?tail=2');
  await api.store.writeLogs([sampleLog({ tenant: 'acme', function: 'other', text: 'not mine' })]);
  await log('four\nwith a break');
  const lines = (await reader.take(3)).map((event) => JSON.parse(event?.data ?? '{}') as { text: string });
  expect(lines.map(({ text }) => text)).toEqual(['two', 'three', 'four\nwith a break']);
});

test('signs of life come while nothing happens', async () => {
  const reader = await open('/v1/events');
  expect(await reader.block()).toBe('retry: 2000');
  expect(await reader.block()).toBe(': still here');
  expect(await reader.block()).toBe(': still here');
});

test('a store that is away for a while breaks nothing', async () => {
  const reader = await open('/v1/events');
  await reader.block();
  const events = jest.spyOn(api.store, 'events');
  events.mockRejectedValueOnce(new PlatformError('unavailable', 'away'));
  await write('while.away');
  expect((await reader.take(1)).map((event) => event?.event)).toEqual(['while.away']);
  expect(events.mock.calls.length).toBeGreaterThan(1);
});

test('an id that is none, and a store that is away at the start, are problems, not streams', async () => {
  const headers = { accept: 'text/event-stream', 'last-event-id': 'a b' };
  expect((await api.call('GET', '/v1/events', { headers })).body).toMatchObject({
    status: 400,
    code: 'invalid_argument',
  });
  headers['last-event-id'] = 'abc';
  expect((await api.call('GET', '/v1/events', { headers })).body).toMatchObject({
    status: 400,
    code: 'invalid_argument',
  });
  jest.spyOn(api.store, 'events').mockRejectedValueOnce(new PlatformError('unavailable', 'away'));
  const away = await api.call('GET', '/v1/events', { headers: { accept: 'text/event-stream' } });
  expect(away.body).toMatchObject({ status: 503, code: 'unavailable' });
});

test('a client that goes leaves no subscription behind', async () => {
  const open3 = await Promise.all([open('/v1/events'), open('/v1/events'), open('/v1/functions/hello/logs')]);
  for (const reader of open3) await reader.block();
  await until(() => api.notices.size === 3);
  for (const reader of open3) reader.close();
  await until(() => api.notices.size === 0);
});

test('closing the server ends the streams', async () => {
  const reader = await open('/v1/events');
  await reader.block();
  await api.app.close();
  while ((await reader.block()) !== null);
  expect(api.notices.size).toBe(0);
});

test('a client that reads nothing costs one page, not the whole history', async () => {
  const data = { padding: 'x'.repeat(20_000) };
  await write('first');
  await api.store.writeEvents(Array.from({ length: 3000 }, () => sampleEvent({ tenant: 'acme', data })));
  const events = jest.spyOn(api.store, 'events');
  const slow = await open('/v1/events', { 'last-event-id': '1' });
  let before = -1;
  // Until the kernel's buffers are full and nothing is asked for any more.
  while (events.mock.calls.length !== before) {
    before = events.mock.calls.length;
    await delay(100);
  }
  expect(before).toBeLessThan(3000 / 200);
  slow.close();
  await until(() => api.notices.size === 0);
});

test('a tenant cannot hold streams without end', async () => {
  await Promise.all(Array.from({ length: 64 }, () => open('/v1/events')));
  const refused = await api.call('GET', '/v1/events', { headers: { accept: 'text/event-stream' } });
  expect(refused.body).toMatchObject({ status: 503, code: 'capacity' });
  expect(refused.headers['retry-after']).toBe('5');
  const other = await EventReader.open(`${api.origin}/v1/events`, { 'x-api-key': api.operatorKey });
  readers.push(other);
  readers[0]?.close();
  await until(() => api.notices.size === 64);
  await open('/v1/events');
});
