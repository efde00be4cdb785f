import { AttackedGateway, GET, POST } from './attacked-gateway';
import { until } from './gateway-harness';
import { whileOthersAreServed } from './well-behaved-caller';

const gateway = new AttackedGateway();
afterEach(() => gateway.close());

test.each([
  ['says nothing', ''],
  ['never ends the head of its request', `${GET}Host: a\r\nX: `],
])('who %s is cut off', async (_, text) => {
  await gateway.start({ server: { headersTimeoutMs: 300 } });
  const answer = await whileOthersAreServed(gateway.harness.port, async () => {
    const attacker = await gateway.client();
    attacker.send(text);
    const drip = setInterval(() => attacker.send(text === '' ? '' : 'x'), 20);
    return attacker.ended().finally(() => clearInterval(drip));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(gateway.bad).toEqual([]);
});

test('headers without end are refused as soon as they are too long', async () => {
  await gateway.start();
  const answer = await whileOthersAreServed(gateway.harness.port, async () => {
    const attacker = await gateway.client();
    attacker.send(GET);
    for (let i = 0; i < 40; i++) attacker.send(`X-${i}: ${'x'.repeat(1_000)}\r\n`);
    return attacker.ended();
  });
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(gateway.bad).toEqual([]);
});

test('of thousands of small headers none is dropped unseen', async () => {
  await gateway.start();
  let seen = 0;
  gateway.harness.agent.handler = (request, response) => {
    seen = request.rawHeaders.filter((name, i) => i % 2 === 0 && name === 'a').length;
    response.end();
  };
  const one = await gateway.client();
  one.send(`${GET}Host: a\r\nConnection: close\r\n${'a:\r\n'.repeat(3_000)}\r\n`);
  const answer = await one.ended();
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(seen).toBe(3_000);
});

test('a body that stalls on its way to a function is cut off by the idle clock, and the instance is not to blame', async () => {
  await gateway.start({}, { timeouts: { idle: '200ms' } });
  await whileOthersAreServed(gateway.harness.port, async () => {
    const attacker = await gateway.client();
    attacker.send(`${POST}Content-Length: 1000\r\n\r\nabc`);
    await attacker.ended();
  });
  const record = await until(() => gateway.harness.records.find(({ path }) => path === '/bad'), 'its record');
  expect(record).toMatchObject({ status: 499 });
  expect(gateway.harness.agent.told.filter(({ kind }) => kind === 'fault')).toEqual([]);
});

test('a body that drips on its way to a function is cut off by the total clock', async () => {
  await gateway.start({}, { timeouts: { idle: '200ms', total: '500ms' } });
  await whileOthersAreServed(gateway.harness.port, async () => {
    const attacker = await gateway.client();
    attacker.send(`${POST}Content-Length: 1000\r\n\r\n`);
    const drip = setInterval(() => attacker.send('x'), 20);
    await attacker.ended().finally(() => clearInterval(drip));
  });
  expect(await until(() => gateway.harness.records.find(({ path }) => path === '/bad'), 'its record')).toMatchObject({
    bytesOut: 0,
  });
});

test('a body that drips to the control API is cut off; one that comes is not', async () => {
  await gateway.start({ server: { bodyPace: { everyMs: 100, minBytes: 50 } } });
  const post = 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
  const answer = await whileOthersAreServed(gateway.harness.port, async () => {
    const attacker = await gateway.client();
    attacker.send(`${post}Content-Length: 1000\r\n\r\n"`);
    const drip = setInterval(() => attacker.send('x'), 20);
    return attacker.ended().finally(() => clearInterval(drip));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  const slow = await gateway.client();
  slow.send(`${post}Connection: close\r\nContent-Length: 1002\r\n\r\n"`);
  for (let i = 0; i < 10; i++) {
    slow.send('x'.repeat(100));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  slow.send('"');
  expect(await slow.ended()).toMatch(/^HTTP\/1\.1 200 /);
});

test('who does not read its answer is cut off by the idle clock', async () => {
  // Long enough for a function on busy cores to send something each time.
  await gateway.start({}, { timeouts: { idle: '1500ms' } });
  gateway.harness.agent.handler = (request, response) =>
    void response.end(request.url === '/good' ? 'ok' : Buffer.alloc(2 ** 25));
  await whileOthersAreServed(gateway.harness.port, async () => {
    const attacker = await gateway.client();
    attacker.socket.pause();
    attacker.send(`${GET}Host: a\r\n\r\n`);
    await until(() => gateway.harness.records.find(({ path }) => path === '/bad'), 'its record');
  });
  expect(gateway.harness.agent.told.filter(({ kind }) => kind === 'fault')).toEqual([]);
});

test('who ends its side of the connection has left: nothing of it stays, whatever it had sent', async () => {
  await gateway.start();
  gateway.harness.agent.handler = (request, response) => void (request.url === '/good' && response.end('ok'));
  await whileOthersAreServed(gateway.harness.port, async () => {
    const [whole, half, none] = [await gateway.client(), await gateway.client(), await gateway.client()];
    whole.send(`${GET}Host: a\r\n\r\n`);
    whole.socket.end();
    half.send(`${POST}Content-Length: 10\r\n\r\nabc`);
    half.socket.end();
    none.socket.end();
    for (const one of [whole, half, none]) expect(await one.ended()).not.toContain('200');
  });
  await until(() => gateway.harness.handler.inFlight === 0, 'nothing in flight');
});

test('a flood of requests sent ahead on one connection ends the connection', async () => {
  await gateway.start();
  const held: (() => void)[] = [];
  gateway.harness.agent.handler = (request, response) => {
    if (request.url === '/good') response.end('ok');
    else held.push(() => void response.end('ok'));
  };
  await whileOthersAreServed(gateway.harness.port, async () => {
    const attacker = await gateway.client();
    attacker.send(`${GET}Host: a\r\n\r\n`.repeat(5_000));
    await attacker.ended();
  });
  expect(held.length).toBeLessThanOrEqual(100);
  expect(gateway.harness.server.connectionsRefused).toBe(1);
  await until(
    () => gateway.harness.door.admission.inFlight === 0 && gateway.harness.door.admission.queued === 0,
    'nothing of it left',
  );
});

test('requests sent ahead in reason are answered in their order', async () => {
  await gateway.start();
  gateway.harness.agent.handler = (request, response) => {
    const number = Number(request.url?.slice(1));
    setTimeout(() => response.end(`<${number}>`), (20 - number) * 2);
  };
  const one = await gateway.client();
  for (let i = 0; i < 20; i++) one.send(`GET /fn/acme/f/${i} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await one.hears('<19>');
  expect(one.heard().match(/<\d+>/g)).toEqual(Array.from({ length: 20 }, (_, i) => `<${i}>`));
});

test('one address has so many connections and no more; who had one keeps it', async () => {
  await gateway.start({ server: { connections: { max: 1_000, perAddress: 10 } } });
  await whileOthersAreServed(gateway.harness.port, async () => {
    const attackers = [];
    for (let i = 0; i < 30; i++) attackers.push(await gateway.client());
    await until(() => gateway.harness.server.connectionsRefused >= 21, 'those beyond the bound');
    for (const attacker of attackers) attacker.socket.destroy();
  });
  // Their places come free again.
  let status = 0;
  await until(() => {
    gateway.harness.call('/fn/acme/f').then(
      (answer) => (status = answer.status),
      () => undefined,
    );
    return status === 200;
  }, 'a place for another');
});
