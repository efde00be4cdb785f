'use strict';
/** Connections that become WebSockets: the function's export `upgrade(req, socket, head)` gets them, as Node gives them. */
const log = require('./log');
const trace = require('./trace');

/**
 * Gives a connection to the function. Its lines, also those of the socket's listeners, belong to the invocation until it
 * is closed.
 * @param {Function} upgrade the function's own
 * @param {(req: object) => Promise<void> | undefined} awake resolves when the instance is itself
 */
exports.giveConnection = async (upgrade, awake, req, socket, head) => {
  const store = log.open(req.headers['x-presage-invocation'], undefined, trace.of(req.headers));
  log.keepContext(socket, store);
  socket.on('error', () => undefined); // its close follows
  socket.on('end', () => socket.end()); // half a WebSocket is of no use to anybody
  socket.once('close', () => log.flush(store));
  await log.run(store, async () => {
    try {
      await awake(req);
      await upgrade(req, socket, head);
    } catch (error) {
      console.error(error);
      // Once something was said, the caller speaks another protocol by now.
      if (socket.bytesWritten > 0) socket.destroy();
      else socket.end(FAILURE);
    }
  });
};

const PROBLEM = JSON.stringify({
  type: 'about:blank',
  title: 'The function failed',
  status: 500,
  detail: 'The export upgrade threw an error; its log says which.',
  code: 'handler_failed',
});
const FAILURE = [
  'HTTP/1.1 500 Internal Server Error',
  'content-type: application/problem+json',
  `content-length: ${Buffer.byteLength(PROBLEM)}`,
  'x-presage-error: handler_failed',
  'connection: close',
  '',
  PROBLEM,
].join('\r\n');
