import fc from 'fast-check';
import { AnswerReader } from '../../../gateway/upstream/answer-reader';

interface Seen {
  readonly heads: { status: number; reason: string; headers: string[] }[];
  body: string;
  ends: number;
  /** What came after a change to a WebSocket. */
  rest?: string;
}

/** Reads an answer that arrives in these pieces. */
function read(pieces: readonly Buffer[], method = 'GET', webSocketAsked = false): Seen & { reader: AnswerReader } {
  const seen: Seen = { heads: [], body: '', ends: 0 };
  const reader = new AnswerReader({
    head: (status, reason, headers) => void seen.heads.push({ status, reason, headers }),
    data: (chunk) => void (seen.body += chunk.toString('latin1')),
    end: () => void seen.ends++,
    switched: (headers, rest) => {
      seen.heads.push({ status: 101, reason: '', headers });
      seen.rest = rest.toString('latin1');
    },
  });
  reader.begin(method, webSocketAsked);
  for (const piece of pieces) reader.push(piece);
  return Object.assign(seen, { reader });
}

const whole = (text: string, method?: string): ReturnType<typeof read> => read([Buffer.from(text, 'latin1')], method);

function cut(text: string, at: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const edges = [...new Set(at.map((edge) => edge % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...edges].map((from, index) => bytes.subarray(from, edges[index] ?? bytes.length));
}

test('however the bytes of an answer are cut, it is the same answer', () => {
  const body = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 200,
  });
  const parts = fc.array(
    body.filter((part) => part.length > 0),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(parts, fc.boolean(), fc.array(fc.nat(2_000)), (chunks, chunked, at) => {
      const text = chunks.join('');
      const wire = chunked
        ? `transfer-encoding: chunked\r\n\r\n${chunks.map((part) => `${part.length.toString(16)};x=y\r\n${part}\r\n`).join('')}0\r\ntrailer: t\r\n\r\n`
        : `Content-Length: ${text.length}\r\n\r\n${text}`;
      const seen = read(cut(`HTTP/1.1 201 Made it\r\nx-a:  b \r\n${wire}`, at));
      expect(seen.heads).toHaveLength(1);
      expect(seen.heads[0]).toMatchObject({ status: 201, reason: 'Made it' });
      expect(seen.heads[0]?.headers.slice(0, 2)).toEqual(['x-a', 'b']);
      expect(seen.body).toBe(text);
      expect(seen.ends).toBe(1);
      expect(seen.reader.reusable).toBe(true);
    }),
  );
});

test('a value is any bytes but control characters, without the spaces and tabs around it', () => {
  const wire = 'HTTP/1.1 200 OK\r\nempty:\r\nblank: \t \r\nx:\t \xa0a: b\tc\xff \r\ncontent-length: 0\r\n\r\n';
  expect(whole(wire).heads[0]?.headers).toEqual([
    'empty',
    '',
    'blank',
    '',
    'x',
    '\xa0a: b\tc\xff',
    'content-length',
    '0',
  ]);
});

test('an informational answer comes before the true one', () => {
  const seen = whole('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  expect(seen.heads.map(({ status }) => status)).toEqual([103, 200]);
  expect(seen).toMatchObject({ body: 'ok', ends: 1 });
});

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['GET', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n'],
])('%s %j has no body', (method, text) => {
  const seen = whole(text, method);
  expect(seen).toMatchObject({ body: '', ends: 1 });
  expect(seen.reader.reusable).toBe(true);
});

test('without a length the body goes on until the connection ends, which is then not used again', () => {
  const seen = whole('HTTP/1.1 200 OK\r\n\r\nall there is');
  expect(seen.ends).toBe(0);
  expect(seen.reader.close()).toBe(true);
  expect(seen).toMatchObject({ body: 'all there is', ends: 1 });
  expect(seen.reader.reusable).toBe(false);
});

test('an answer that becomes a WebSocket leaves what follows it to whoever asked', () => {
  const text = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n\x81\x02hi';
  const seen = read([Buffer.from(text, 'latin1')], 'GET', true);
  expect(seen).toMatchObject({ rest: '\x81\x02hi', body: '', ends: 0 });
  expect(seen.heads).toMatchObject([{ status: 101, headers: ['Connection', 'Upgrade', 'Upgrade', 'WebSocket'] }]);
  expect(seen.reader.reusable).toBe(false);
});

test('another protocol than the WebSocket that was asked for is refused', () => {
  for (const header of ['upgrade: h2c\r\n', '']) {
    const wire = Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${header}\r\n`);
    expect(() => read([wire], 'GET', true)).toThrow('not valid HTTP');
  }
});

test('an answer cut off is not whole', () => {
  for (const text of ['', 'HTTP/1.1 200', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfour']) {
    expect(whole(text).reader.close()).toBe(false);
  }
});

test('a server that closes says so', () => {
  expect(whole('HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 0\r\n\r\n').reader.reusable).toBe(false);
  expect(whole('HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n').reader.reusable).toBe(false);
  const told = whole('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=100\r\ncontent-length: 0\r\n\r\n').reader;
  expect(told).toMatchObject({ reusable: true, idleMs: 5_000 });
});

test.each([
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na'],
  ['a length beside chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['another coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'],
  ['a length with a sign', 'HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\na'],
  ['a folded header', 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 0\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 0\r\n\r\n'],
  ['a bare line feed in a value', 'HTTP/1.1 200 OK\r\nx: a\nset-cookie: b\r\ncontent-length: 0\r\n\r\n'],
  ['a bare carriage return in a value', 'HTTP/1.1 200 OK\r\nx: a\rset-cookie: b\r\ncontent-length: 0\r\n\r\n'],
  ['a bare carriage return at the end', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\r\n\r\n'],
  ['a control character before a value', 'HTTP/1.1 200 OK\r\ncontent-length:\v0\r\n\r\n'],
  ['a control character after a value', 'HTTP/1.1 200 OK\r\ncontent-length: 0\x7f\r\n\r\n'],
  ['a space that is none after a length', 'HTTP/1.1 200 OK\r\ncontent-length: 0\xa0\r\n\r\n'],
  ['a header without a name', 'HTTP/1.1 200 OK\r\n: a\r\ncontent-length: 0\r\n\r\n'],
  ['a name that is no token', 'HTTP/1.1 200 OK\r\nx\xe4: a\r\ncontent-length: 0\r\n\r\n'],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
  ['another version', 'HTTP/2 200 OK\r\n\r\n'],
  ['no status', 'HTTP/1.1 OK\r\n\r\n'],
  ['a protocol changed unasked', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
  ['a chunk of no size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n'],
  ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n'],
  ['more than the answer', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab'],
  ['an endless head', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}`],
  ['an endless chunk size', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'0'.repeat(5_000)}`],
])('%s is refused', (_, text) => {
  expect(() => whole(text)).toThrow('not valid HTTP');
});
