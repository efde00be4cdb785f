import type { ServerResponse } from 'node:http';
import { revisionRecord, startHarness, until, type Answer, type Harness } from '../gateway-harness';

let harness: Harness;
afterEach(() => harness.close());

/** A function whose answers the test gives. */
function held(): { readonly answers: ServerResponse[]; release: (count?: number) => void } {
  const answers: ServerResponse[] = [];
  harness.agent.handler = (_, response) => void answers.push(response);
  return { answers, release: (count = 1) => answers.splice(0, count).forEach((answer) => answer.end('ok')) };
}

/** Calls without waiting; refusals land in the list as answers do. */
function call(path: string, done: Answer[]): void {
  void harness.call(path).then((answer) => done.push(answer));
}

test('a function gets no more at once than it says, the others wait in order and are served', async () => {
  harness = await startHarness({ concurrency: 10, scale: { maxInFlight: 2 } });
  const { answers, release } = held();
  const done: Answer[] = [];
  for (let i = 0; i < 5; i++) call(`/fn/acme/f/${i}`, done);
  await until(() => answers.length === 2 && harness.door.admission.queued === 3, 'two in and three that wait');
  for (let served = 1; served <= 5; served++) {
    release();
    await until(() => done.length === served, 'an answer');
    expect(answers.length).toBeLessThanOrEqual(2);
  }
  expect(done.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const queued = harness.records.filter((record) => record.queueMs > 0);
  expect(queued).not.toHaveLength(0);
});

test('a full queue answers 503 with Retry-After at once; what waits is served', async () => {
  harness = await startHarness({ scale: { max: 1 } }, { queue: { maxPerFunction: 1 } });
  const { answers, release } = held();
  const done: Answer[] = [];
  call('/fn/acme/f', done);
  await until(() => answers.length === 1, 'the first');
  call('/fn/acme/f', done);
  await until(() => harness.door.admission.queued === 1, 'the second');
  const refused = await harness.call('/fn/acme/f');
  expect(refused.status).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(JSON.parse(refused.body)).toMatchObject({ code: 'capacity' });
  expect(await harness.recordOf(refused)).toMatchObject({ status: 503, errorCode: 'capacity', kind: null });
  release();
  await until(() => answers.length === 1, 'the second in');
  release();
  await until(() => done.length === 2, 'both answers');
  expect(done.map(({ status }) => status)).toEqual([200, 200]);
});

test('a tenant that floods the gateway does not keep another out', async () => {
  const other = { ...revisionRecord('g', { public: true, scale: { max: 100 } }), tenant: 'umbrella' };
  harness = await startHarness({ scale: { max: 100 } }, { inFlight: { max: 4, tenantShare: 1 }, revisions: [other] });
  const { answers, release } = held();
  const floods: Answer[] = [];
  const quiet: Answer[] = [];
  for (let i = 0; i < 40; i++) call('/fn/acme/f', floods);
  await until(() => answers.length === 4 && harness.door.admission.queued === 36, 'a full gateway');
  call('/fn/umbrella/g', quiet);
  await until(() => harness.door.admission.queued === 37, 'the one of the other tenant');
  release();
  await until(() => floods.length === 1, 'the first answer');
  // The very next place is the other tenant's: its request is the last to have arrived at an instance.
  await until(() => answers.length === 4, 'four in again');
  release(4);
  await until(() => quiet.length === 1, 'the answer of the other tenant');
  expect(floods.length).toBeLessThanOrEqual(4);
  harness.agent.handler = (_, response) => void response.end('ok');
  const drain = setInterval(() => release(10), 5);
  await until(() => floods.length === 40, 'all others');
  clearInterval(drain);
});

test('no tenant takes the part of the gateway that is not for one alone', async () => {
  const other = { ...revisionRecord('g', { public: true }), tenant: 'umbrella' };
  harness = await startHarness({ scale: { max: 100 } }, { inFlight: { max: 5, tenantShare: 0.8 }, revisions: [other] });
  const { answers, release } = held();
  const [floods, quiet]: [Answer[], Answer[]] = [[], []];
  for (let i = 0; i < 10; i++) call('/fn/acme/f', floods);
  await until(() => answers.length === 4 && harness.door.admission.queued === 6, 'its four places taken');
  call('/fn/umbrella/g', quiet);
  await until(() => answers.length === 5, 'the other tenant in');
  const drain = setInterval(() => release(10), 5);
  await until(() => floods.length === 10 && quiet.length === 1, 'all answers');
  clearInterval(drain);
});

test('places reserved for a function are there before its first request', async () => {
  const vip = revisionRecord('vip', { public: true, scale: { reserved: 2 } });
  harness = await startHarness({ scale: { max: 100 } }, { inFlight: { max: 4, tenantShare: 1 }, revisions: [vip] });
  const { answers, release } = held();
  const done: Answer[] = [];
  for (let i = 0; i < 4; i++) call('/fn/acme/f', done);
  await until(() => answers.length === 2 && harness.door.admission.queued === 2, 'two in, two that wait');
  for (let i = 0; i < 2; i++) call('/fn/acme/vip', done);
  await until(() => answers.length === 4, 'the two with reservations in');
  const drain = setInterval(() => release(10), 5);
  await until(() => done.length === 6, 'all answers');
  clearInterval(drain);
  expect(done.every(({ status }) => status === 200)).toBe(true);
});

test('a caller who leaves the queue is recorded, and costs no instance', async () => {
  harness = await startHarness({ scale: { max: 1 } });
  const { answers, release } = held();
  const done: Answer[] = [];
  call('/fn/acme/f', done);
  await until(() => answers.length === 1, 'the first');
  const { request } = await import('node:http');
  const leaver = request({ host: '127.0.0.1', port: harness.port, path: '/fn/acme/f' }).end();
  leaver.on('error', () => undefined);
  await until(() => harness.door.admission.queued === 1, 'the second');
  leaver.destroy();
  const record = await until(() => harness.records[0], 'its record');
  expect(record).toMatchObject({ status: 499, kind: null });
  expect(harness.door.admission.queued).toBe(0);
  release();
  await until(() => done.length === 1, 'the answer');
  expect(harness.agent.acquired).toHaveLength(1);
});

test('a stream has its place until its last byte', async () => {
  harness = await startHarness();
  const { answers } = held();
  const done: Answer[] = [];
  call('/fn/acme/f', done);
  await until(() => answers.length === 1, 'the request');
  answers[0]?.write('begun');
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([harness.door.admission.inFlight, harness.handler.inFlight]).toEqual([1, 1]);
  answers[0]?.end();
  await until(() => done.length === 1 && harness.door.admission.inFlight === 0, 'the end');
});
