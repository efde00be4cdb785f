'use strict';
/**
 * Serves a handler file over HTTP. Environment: PRESAGE_HANDLER (`FILE.EXPORT`), PRESAGE_CODE (code folder, default: the
 * working folder), PRESAGE_SOCKET (Unix socket) or PORT, PRESAGE_INSTANCE, PRESAGE_BODY=stream (no body parsing),
 * PRESAGE_RESEED (path of the addon). It listens once the handler is loaded: listening means ready. With PRESAGE_BLANK (a
 * socket) it first waits there for the rest of its environment, see blank.js.
 * Exit codes: 78 the handler cannot be loaded, 71 cannot listen, 70 an error that nobody caught.
 */
const entropy = require('./entropy'); // first: Math.random must be ours before the function sees it
const http = require('node:http');
const { becomeSomeone } = require('./blank');
const log = require('./log');
const { Request, Response, HttpError, bodyKind, readBody, sendReturned, sendProblem } = require('./exchange');
const { loadHandler } = require('./load');
const trace = require('./trace');
const { giveConnection } = require('./upgrade');

const FAREWELL_MS = 5000;
let streamBodies = false;
let loaded;
let instance;
/** Set while (and after) a fresh clone becomes itself; every request waits for it. */
let awakening;

/** Gives a clone its own identity, randomness and connections, once. */
function awaken(id) {
  instance = id;
  awakening = (async () => {
    entropy.reseed();
    await log.runOutside(() => loaded.hooks.afterRestore?.());
  })();
  awakening.catch((error) => {
    log.runOutside(() => console.error('presage: afterRestore failed, this instance ends:', error));
    leave(70);
  });
  return awakening;
}

/** Makes this instance the one that the request is for. Without a promise where it is: most requests wait for nothing. */
function awake(req) {
  const id = req.headers['x-presage-instance'];
  instance ??= id; // started by hand: the first one to speak names it
  if (id !== undefined && id !== instance) awaken(id);
  return awakening;
}

async function serve(req, res) {
  try {
    const waking = awake(req);
    if (waking) await waking;
  } catch {
    res.setHeader('connection', 'close');
    return sendProblem(
      res,
      500,
      'restore_failed',
      'A checkpoint could not be restored',
      'The hook afterRestore failed.',
    );
  }
  try {
    const kind = streamBodies ? undefined : bodyKind(req);
    if (kind) await readBody(req, kind);
    await sendReturned(res, await loaded.handler(req, res));
  } catch (error) {
    fail(res, error);
  }
}

function fail(res, error) {
  if (error instanceof HttpError) {
    return sendProblem(res, error.status, error.code, 'The request is not valid', error.message);
  }
  if (!(res.req.destroyed && error?.code === 'ECONNRESET')) console.error(error);
  sendProblem(res, 500, 'handler_failed', 'The function failed', 'The handler threw an error; its log says which.');
}

function onRequest(req, res) {
  res.sendDate = false; // a clone's cached date would be that of its checkpoint; the gateway sets it
  if (req.url.startsWith('/_presage/')) return void control(req, res);
  req.res = res;
  const before = process.cpuUsage();
  const { writeHead } = res;
  // On the object, not in the class: frameworks replace the prototype.
  res.writeHead = function (...args) {
    const used = process.cpuUsage(before);
    this.setHeader('x-presage-cpu-us', used.user + used.system);
    return writeHead.apply(this, args);
  };
  const store = log.open(req.headers['x-presage-invocation'], res, trace.of(req.headers));
  log.keepContext(req, store);
  log.keepContext(res, store);
  res.once('close', () => log.flush(store));
  log.run(store, () => serve(req, res));
}

/** Events come from the socket, outside the request; their listeners belong to it all the same. */
function keepContext(emitter, store) {
  const { emit } = emitter;
  emitter.emit = (...args) =>
    log.current() === store ? emit.apply(emitter, args) : log.run(store, () => emit.apply(emitter, args));
}

/**
 * What the agent asks: POST /_presage/before-checkpoint, POST /_presage/after-restore, GET /_presage/health. The answer to
 * the second tells whether there is such a hook: without one the agent need not ask again.
 */
async function control(req, res) {
  req.resume();
  const action = `${req.method} ${req.url}`;
  try {
    if (action === 'POST /_presage/before-checkpoint') {
      if (!entropy.canReseed) {
        return sendProblem(
          res,
          501,
          'unsupported',
          'No checkpoint',
          'The reseed addon is missing or this Node cannot use it.',
        );
      }
      await loaded.hooks.beforeCheckpoint?.();
      http.globalAgent.destroy();
      server.closeIdleConnections();
      entropy.rehearse();
      entropy.trim();
      res.setHeader('connection', 'close');
    } else if (action === 'POST /_presage/after-restore') {
      const id = req.headers['x-presage-instance'];
      await (id === undefined || id !== instance ? awaken(id) : awakening);
      return res.json({ afterRestore: loaded.hooks.afterRestore !== undefined });
    } else if (action !== 'GET /_presage/health') {
      return sendProblem(res, 404, 'not_found', 'Not found', `There is no ${action}.`);
    }
    res.send('ok');
  } catch (error) {
    console.error(error);
    sendProblem(res, 500, 'handler_failed', 'A hook of the function failed', `${action} failed; the log says why.`);
  }
}

/** Takes no new connections, lets requests in flight end (within FAREWELL_MS where the process is broken), exits. */
function leave(code) {
  process.exitCode ??= code;
  server.close(() => process.exit());
  server.closeIdleConnections();
  if (code !== 0) setTimeout(() => process.exit(), FAREWELL_MS).unref();
}

// The gateway keeps connections open and owns every clock: a server-side timeout would only race with it.
const SERVER_OPTIONS = {
  IncomingMessage: Request,
  ServerResponse: Response,
  keepAliveTimeout: 0,
  requestTimeout: 0,
  headersTimeout: 0,
  maxHeaderSize: 65536,
};
const server = http.createServer(SERVER_OPTIONS, onRequest);
// Bodies are asked for when the handler reads them, which here is always at once.
server.on('checkContinue', (req, res) => {
  res.writeContinue();
  onRequest(req, res);
});

// Their size is bounded; those beyond a number would be dropped unseen.
server.maxHeadersCount = 0;

function quit(code, message, error) {
  console.error(`presage: ${message}${error ? ':' : ''}`, ...(error ? [error] : []));
  process.exit(code);
}

async function main() {
  log.install();
  process.on('SIGTERM', () => leave(0));
  process.on('unhandledRejection', (reason) =>
    console.error('presage: a promise was rejected and nobody handled it:', reason),
  );
  const { PRESAGE_BLANK } = process.env;
  if (PRESAGE_BLANK) {
    try {
      await becomeSomeone(PRESAGE_BLANK, (listener) => http.createServer(SERVER_OPTIONS, listener));
    } catch (error) {
      return quit(78, 'cannot become a function', error);
    }
  }
  streamBodies = process.env.PRESAGE_BODY === 'stream';
  instance = process.env.PRESAGE_INSTANCE;
  trace.install(process.env.PRESAGE_GATEWAY_URL, () => log.current()?.trace);
  try {
    loaded = await loadHandler(
      process.env.PRESAGE_CODE || process.cwd(),
      process.env.PRESAGE_HANDLER || 'index.handler',
    );
  } catch (error) {
    return quit(78, `cannot load handler ${process.env.PRESAGE_HANDLER || 'index.handler'}`, error);
  }
  // Without it a wish to upgrade is a request like any other.
  if (loaded.upgrade) {
    server.on('upgrade', (req, socket, head) => void giveConnection(loaded.upgrade, awake, req, socket, head));
  }
  // The request that threw gets its answer, the others theirs; then the process, whose state nobody knows now, ends.
  process.on('uncaughtException', (error) => {
    console.error('presage: an error was thrown and nobody caught it, this instance ends:', error);
    const res = log.current()?.res;
    if (res && !res.writableEnded) {
      sendProblem(
        res,
        500,
        'handler_failed',
        'The function failed',
        'An error was thrown in a callback; the log says which.',
      );
    }
    leave(70);
  });
  server.once('error', (error) => quit(71, 'cannot listen', error));
  const { PRESAGE_SOCKET, PORT } = process.env;
  if (PRESAGE_SOCKET) server.listen({ path: PRESAGE_SOCKET, backlog: 1024 });
  else server.listen({ port: Number(PORT || 8080), host: process.env.PRESAGE_HOST || '0.0.0.0', backlog: 1024 });
}

void main();
