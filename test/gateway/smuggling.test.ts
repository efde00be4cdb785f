import { AttackedGateway, GET, POST } from './attacked-gateway';
import { whileOthersAreServed } from './well-behaved-caller';

const gateway = new AttackedGateway();
afterEach(() => gateway.close());
/** What would be a second request, were the first one read as its sender hopes. */
const SMUGGLED = 'GET /fn/acme/f/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

describe('requests that could be read in two ways are refused, and nothing behind them is read', () => {
  test.each([
    ['a length and a coding', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a coding and a length', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`, 400],
    ['two lengths that differ', `${POST}Content-Length: 0\r\nContent-Length: 52\r\n\r\n`, 400],
    ['two lengths that agree', `${POST}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`, 400],
    ['a list of lengths', `${POST}Content-Length: 1, 1\r\n\r\na`, 400],
    ['a length with a plus', `${POST}Content-Length: +1\r\n\r\na`, 400],
    ['a negative length', `${POST}Content-Length: -1\r\n\r\na`, 400],
    ['a hexadecimal length', `${POST}Content-Length: 0x1\r\n\r\na`, 400],
    ['a length with a space in it', `${POST}Content-Length: 1 1\r\n\r\na`, 400],
    ['a length of nothing', `${POST}Content-Length:\r\n\r\na`, 400],
    ['a length beyond all numbers', `${POST}Content-Length: 99999999999999999999999\r\n\r\na`, 400],
    ['a space before the colon', `${POST}Content-Length : 1\r\n\r\na`, 400],
    ['a space before the colon of a coding', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a coding that is none', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 501],
    ['the coding identity', `${POST}Transfer-Encoding: identity\r\n\r\n`, 501],
    ['chunked before another coding', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400],
    ['chunked twice', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['chunked after a vertical tab', `${POST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`, 400],
    ['chunked in quotes', `${POST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`, 501],
    ['chunked with a parameter', `${POST}Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n`, 501],
    ['a coding under chunked', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501],
    [
      'chunked in HTTP/1.0',
      `POST /fn/acme/f/bad HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['a folded header', `${GET}Host: a\r\nX: y\r\n z\r\n\r\n`, 400],
    ['a folded coding', `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`, 400],
    ['lines without a carriage return', `GET /fn/acme/f/bad HTTP/1.1\nHost: a\n\n`, 400],
    ['one line without a carriage return', `${GET}Host: a\r\nX: y\nContent-Length: 9\r\n\r\n`, 400],
    ['a carriage return alone', `${GET}Host: a\r\nX: y\rZ: z\r\n\r\n`, 400],
    ['a first header behind a space', `${GET} Host: a\r\n\r\n`, 400],
    ['a header without a colon', `${GET}Host: a\r\nfoo\r\n\r\n`, 400],
    ['a null byte in a header', `${GET}Host: a\r\nX: a\0b\r\n\r\n`, 400],
    ['a null byte in the path', `GET /fn/acme/f/bad\0 HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['a control character in the path', `GET /fn/acme/f/bad\x01 HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['a space in the path', `GET /fn/acme/f/bad x HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['a fragment', `GET /fn/acme/f/bad#x HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['no host', `${GET}\r\n`, 400],
    ['two hosts', `${GET}Host: a\r\nHost: f.acme.fn.localhost\r\n\r\n`, 400],
    ['a list of hosts', `${GET}Host: a, f.acme.fn.localhost\r\n\r\n`, 400],
    ['a host with a user', `${GET}Host: x@f.acme.fn.localhost\r\n\r\n`, 400],
    ['another host in the target', `GET http://f.acme.fn.localhost/bad HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['a user in the target', `GET http://a@b/fn/acme/f/bad HTTP/1.1\r\nHost: b\r\n\r\n`, 400],
    ['a target of another scheme', `GET file://a/fn/acme/f/bad HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['a target that is an authority', `GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['a method in small letters', `get /fn/acme/f/bad HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['HTTP/2 without its preface', `GET /fn/acme/f/bad HTTP/2.0\r\nHost: a\r\n\r\n`, 400],
    ['no version', `GET /fn/acme/f/bad\r\n\r\n`, 400],
  ])('%s', async (_, text, status) => {
    await gateway.start();
    const answer = await whileOthersAreServed(gateway.harness.port, async () => {
      const attacker = await gateway.client();
      attacker.send(text + SMUGGLED);
      return attacker.ended();
    });
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(gateway.bad).toEqual([]);
  });

  test.each([
    ['a chunk size with a space', '1 \r\na\r\n0\r\n\r\n'],
    ['a chunk size with a prefix', '0x1\r\na\r\n0\r\n\r\n'],
    ['a chunk size with a sign', '+1\r\na\r\n0\r\n\r\n'],
    ['a chunk size beyond all numbers', 'fffffffffffffffff\r\na\r\n0\r\n\r\n'],
    ['a chunk without a carriage return', '1\na\n0\n\n'],
    ['data longer than its chunk', '1\r\nab\r\n0\r\n\r\n'],
  ])('%s', async (_, body) => {
    await gateway.start();
    const answer = await whileOthersAreServed(gateway.harness.port, async () => {
      const attacker = await gateway.client();
      attacker.send(`${POST}Transfer-Encoding: chunked\r\n\r\n${body}${SMUGGLED}`);
      return attacker.ended();
    });
    expect(answer).not.toContain('200 OK');
    expect(gateway.reached).not.toContain('/smuggled');
  });
});

test('an absolute target that names its own host is served', async () => {
  await gateway.start();
  const one = await gateway.client();
  one.send('GET http://a/fn/acme/f/absolute HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(await one.ended()).toMatch(/^HTTP\/1\.1 200 /);
  expect(gateway.bad).toEqual(['/absolute']);
});

test('an escaped null byte stays escaped in the path, and names no function', async () => {
  await gateway.start();
  expect((await gateway.harness.call('/fn/acme/f/a%00b')).status).toBe(200);
  expect(gateway.bad).toEqual(['/a%00b']);
  expect((await gateway.harness.call('/fn/acme/f%00', { headers: { 'x-api-key': 'psk_invoke' } })).status).toBe(404);
});

test('a tunnel to somewhere else is not made', async () => {
  await gateway.start();
  const answer = await whileOthersAreServed(gateway.harness.port, async () => {
    const attacker = await gateway.client();
    attacker.send(`CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n${SMUGGLED}`);
    return attacker.ended();
  });
  expect(answer).not.toContain('200');
  expect(gateway.bad).toEqual([]);
});
