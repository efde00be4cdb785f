import type { AcquireReply } from '../../../agent/rpc/agent-messages';
import { PlatformError } from '../../../core/error/platform-error';
import { FakeAgent } from '../fake-agent';
import { startHarness, until, type Harness } from '../gateway-harness';

let harness: Harness;
afterEach(() => harness.close());

const WOKEN: Partial<AcquireReply> = { kind: 'warm', cause: 'forecast-miss', sandboxMs: 0.2 };

/** Requests for one that is parked, as the agent hears of them: each is answered when the test says so. */
interface Wake {
  answer(): void;
  refuse(): void;
}

/** A gateway whose only instance, i1, is parked. */
async function park(options: { spec?: Record<string, unknown>; asleep?: boolean } = {}) {
  const agent = new FakeAgent();
  agent.mayPark = true;
  agent.lingerMs = 20;
  const seen: string[] = [];
  agent.handler = (request, response) => {
    seen.push(String(request.headers['x-presage-instance']));
    request.resume().on('end', () => response.end(`by ${seen.at(-1)}`));
  };
  harness = await startHarness(options.spec, { agent });
  await harness.call('/fn/acme/f');
  await until(() => agent.told.length > 0, 'the parking');
  const [first] = agent.instances;
  if (!first) throw new Error('nothing was started');
  const wakes: Wake[] = [];
  agent.onAcquire = async ({ instanceId }) => {
    if (instanceId === undefined) return agent.reply(await agent.start());
    return new Promise<AcquireReply>((resolve, reject) =>
      wakes.push({
        answer: () => resolve(agent.reply(first, WOKEN)),
        refuse: () => reject(new PlatformError('not_found', 'it is not to be had any more')),
      }),
    );
  };
  seen.splice(0);
  if (options.asleep !== false) agent.listener.asleep('i1');
  return { agent, wakes, seen };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const woken = (wakes: Wake[]): Promise<void> =>
  until(() => wakes.length > 0, 'the wish').then(() => wakes[0]?.answer());

test('an idle lease is parked, and named apart from those in use', async () => {
  const { agent } = await park();
  expect(agent.told).toEqual([{ kind: 'park', id: 'i1', served: 1 }]);
  expect(agent.listener.heldInstanceIds()).toEqual([]);
  expect(agent.listener.parkedIds()).toEqual(['i1']);
});

test('its next request goes to it at once, on the connection it had, and its answer needs no word of the agent', async () => {
  const { agent, wakes, seen } = await park();
  const answer = await harness.call('/fn/acme/f');
  expect(answer).toMatchObject({ status: 200, body: 'by i1' });
  expect(answer.headers).toMatchObject({ 'x-presage-start': 'warm', 'x-presage-cause': 'expired' });
  expect(seen).toHaveLength(1);
  expect(agent.instances[0]?.connections).toBe(1);
  expect(agent.listener.parkedIds()).toEqual(['i1']);
  await woken(wakes);
  const { kind, cause, phases, totalMs, queueMs, startMs, executeMs } = await harness.recordOf(answer);
  expect({ kind, cause }).toEqual({ kind: 'warm', cause: 'forecast-miss' });
  expect(phases['sandbox']).toBe(0.2);
  expect(queueMs + startMs + executeMs).toBeCloseTo(totalMs, 2);
  expect(agent.listener.heldInstanceIds()).toEqual(['i1']);
});

test('what the function took is counted from the agent’s word on, where that comes first', async () => {
  const { agent, wakes } = await park();
  agent.handler = (_, response) => setTimeout(() => response.end('late'), 300);
  const answer = harness.call('/fn/acme/f');
  await until(() => wakes.length === 1, 'the wish');
  await pause(200);
  await woken(wakes);
  const { phases, executeMs } = await harness.recordOf(await answer);
  expect(phases['wait']).toBeGreaterThan(150);
  expect(executeMs).toBeLessThan(250);
});

test('as long as the agent has not said that it is asleep, nothing is sent before it is woken', async () => {
  const { wakes, seen } = await park({ asleep: false });
  const answer = harness.call('/fn/acme/f');
  await until(() => wakes.length === 1, 'the wish');
  await pause(20);
  expect(seen).toEqual([]);
  await woken(wakes);
  expect(await answer).toMatchObject({ status: 200, body: 'by i1' });
});

test('so does a small body', async () => {
  const { wakes, seen } = await park();
  const answer = harness.call('/fn/acme/f', { method: 'POST', body: 'x'.repeat(1000) });
  await until(() => seen.length === 1, 'the request');
  await woken(wakes);
  expect(await answer).toMatchObject({ status: 200, body: 'by i1' });
});

test('a request with a large body waits: what of it was sent could not be sent to another', async () => {
  const { wakes, seen } = await park();
  const answer = harness.call('/fn/acme/f', { method: 'POST', body: 'x'.repeat(100_000) });
  await until(() => wakes.length === 1, 'the wish');
  await pause(20);
  expect(seen).toEqual([]);
  await woken(wakes);
  expect(await answer).toMatchObject({ status: 200, body: 'by i1' });
});

test('an instance that ended in its sleep has read nothing: the request goes to another', async () => {
  const { agent, wakes } = await park();
  agent.instances[0]?.server.removeAllListeners('request');
  const answer = harness.call('/fn/acme/f');
  await until(() => wakes.length === 1, 'the wish');
  await agent.instances[0]?.close();
  agent.listener.gone({ instanceId: 'i1', reason: 'evicted', asleep: true });
  wakes[0]?.refuse();
  expect(await answer).toMatchObject({ status: 200, body: 'by i2' });
});

test.each([
  ['small', 2_000, true],
  ['large', 200_000, false],
])('so does one with a %s body, whole', async (_, bytes, asleep) => {
  const { agent, wakes } = await park();
  const [sleeper] = agent.instances;
  sleeper?.server.removeAllListeners('request');
  agent.handler = (request, response) => {
    let length = 0;
    request.on('data', (chunk: Buffer) => (length += chunk.length)).on('end', () => response.end(String(length)));
  };
  const answer = harness.call('/fn/acme/f', { method: 'POST', body: 'x'.repeat(bytes) });
  await until(() => wakes.length === 1, 'the wish');
  await pause(20);
  await sleeper?.close();
  agent.listener.gone({ instanceId: 'i1', reason: 'evicted', asleep });
  wakes[0]?.refuse();
  expect(await answer).toMatchObject({ status: 200, body: String(bytes) });
});

test.each(['woken', 'lost while the agent was away'])(
  'one that was perhaps read is not sent again (%s)',
  async (how) => {
    const { agent, wakes, seen } = await park();
    agent.instances[0]?.server.removeAllListeners('request');
    const answer = harness.call('/fn/acme/f');
    await until(() => wakes.length === 1, 'the wish');
    if (how === 'woken') agent.listener.gone({ instanceId: 'i1', reason: 'crashed', asleep: false });
    else {
      agent.goAway();
      agent.comeBack();
      agent.listener.gone({ instanceId: 'i1', reason: 'evicted', asleep: true });
    }
    wakes[0]?.refuse();
    expect(await answer).toMatchObject({ status: 502 });
    expect(seen).toEqual([]);
  },
);

test('an answer that is broken off after the instance was woken is an error of the function', async () => {
  const { agent, wakes } = await park();
  agent.handler = (request) => request.socket.destroy();
  const answer = harness.call('/fn/acme/f');
  await pause(20);
  await woken(wakes);
  expect(await answer).toMatchObject({ status: 502 });
});

test('while the agent is away it is asked for any instance, and the parked one is used again when it is back', async () => {
  const { agent, wakes, seen } = await park();
  agent.goAway();
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 200, body: 'by i2' });
  expect(agent.listener.parkedIds()).toEqual(['i1']);
  agent.comeBack();
  await until(() => agent.listener.parkedIds().length === 2, 'the other one is parked');
  agent.listener.withdraw({ instanceId: 'i2', reason: 'wanted' });
  await until(() => agent.told.some(({ kind }) => kind === 'withdrawn'), 'the answer');
  const answer = harness.call('/fn/acme/f');
  await woken(wakes);
  expect(await answer).toMatchObject({ status: 200, body: 'by i1' });
  expect(seen).toEqual(['i2', 'i1']);
});

test('is given up at once when it is asked back', async () => {
  const { agent } = await park();
  agent.listener.withdraw({ instanceId: 'i1', reason: 'wanted' });
  await until(() => agent.told.length === 2, 'the answer');
  expect(agent.told[1]).toEqual({ kind: 'withdrawn', id: 'i1' });
  expect(agent.listener.parkedIds()).toEqual([]);
  expect(await harness.call('/fn/acme/f')).toMatchObject({ body: 'by i2' });
});

test('several requests share the instance that is being woken', async () => {
  const { wakes } = await park({ spec: { concurrency: 4 } });
  const answers = await Promise.all([1, 2, 3].map(() => harness.call('/fn/acme/f')));
  expect(wakes).toHaveLength(1);
  await woken(wakes);
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 200, body: 'by i1', headers: { 'x-presage-start': 'warm' } });
  }
});

test('a caller who leaves while it is being woken leaves it to the next', async () => {
  const { agent, wakes } = await park();
  const { handler } = agent;
  agent.handler = () => undefined;
  const leaving = harness.call('/fn/acme/f', { signal: AbortSignal.timeout(50) });
  await expect(leaving).rejects.toThrow();
  agent.handler = handler;
  const next = harness.call('/fn/acme/f');
  expect(await next).toMatchObject({ status: 200, body: 'by i1' });
  expect(wakes).toHaveLength(1);
  await woken(wakes);
});

test('a large answer that comes before the agent’s word is whole', async () => {
  const { agent, wakes } = await park();
  const large = 'x'.repeat(3_000_000);
  agent.handler = (_, response) => response.end(large);
  expect((await harness.call('/fn/acme/f')).body.length).toBe(large.length);
  await woken(wakes);
});

test('a gateway that closes gives back what it has parked', async () => {
  const { agent } = await park();
  await harness.broker.close(1_000);
  expect(agent.told.at(-1)).toMatchObject({ kind: 'release', id: 'i1' });
});

test('one that sleeps on a node that is away takes no place of another', async () => {
  const { agent } = await park({ spec: { scale: { max: 1 } } });
  agent.goAway();
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 200, body: 'by i2' });
});
