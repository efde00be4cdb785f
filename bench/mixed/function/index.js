// One of everything that a function can be asked for: an answer, a stream of events, an upload, work that nobody waits
// for, a WebSocket.
const { createHash } = require('node:crypto');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const msOf = (req) => Math.min(60_000, Math.max(0, Number(req.query.ms) || 0));
const STEP_MS = 20;
const EVENT_MS = 200;

const answers = {
  '/plain': async (req) => {
    await sleep(msOf(req));
    return { waited: msOf(req) };
  },
  '/stream': async (req, res) => {
    res.setHeader('content-type', 'text/event-stream');
    const events = Math.ceil(msOf(req) / EVENT_MS);
    for (let n = 1; n <= events && !req.signal.aborted; n++) {
      res.write(`data: ${n}\n\n`);
      await sleep(EVENT_MS);
    }
    res.end(`data: end ${events}\n\n`);
  },
  '/upload': async (req) => {
    const hash = createHash('sha256');
    for await (const chunk of req) hash.update(chunk);
    return { sha256: hash.digest('hex') };
  },
  // Goes on only while there is somebody to tell: a gateway that died will have it done again. What it has done it says
  // in its log, as the very last thing.
  '/work': async (req) => {
    const { key } = req.query;
    const { signal } = req;
    for (let left = msOf(req); left > 0 && !signal.aborted; left -= STEP_MS) await sleep(STEP_MS);
    const attempt = req.headers['x-presage-attempt'];
    console.log(`${signal.aborted ? 'left' : 'done'} ${key} ${attempt}`);
    return { key, attempt };
  },
};

exports.handler = (req, res) => (answers[req.path] ?? answers['/plain'])(req, res);

const ACCEPT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 0x81;
const CLOSE = 0x88;

/** Says every short message back, as a WebSocket. */
exports.upgrade = (req, socket) => {
  const accept = createHash('sha1')
    .update(req.headers['sec-websocket-key'] + ACCEPT)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let seen = Buffer.alloc(0);
  socket.on('data', (piece) => {
    seen = Buffer.concat([seen, piece]);
    // Messages of clients are masked; these are below 126 bytes: two bytes of head, four of mask.
    while (seen.length >= 6 && seen.length >= 6 + (seen[1] & 0x7f)) {
      const length = seen[1] & 0x7f;
      const text = Buffer.from(seen.subarray(6, 6 + length).map((byte, n) => byte ^ seen[2 + (n % 4)]));
      if ((seen[0] & 0x0f) === 8) socket.end(Buffer.concat([Buffer.from([CLOSE, length]), text]));
      else socket.write(Buffer.concat([Buffer.from([TEXT, length]), text]));
      seen = seen.subarray(6 + length);
    }
  });
};
