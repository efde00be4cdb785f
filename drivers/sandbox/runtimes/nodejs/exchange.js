'use strict';
/** Request and response as handlers see them: Node's own classes plus what the Functions Framework adds. */
const http = require('node:http');
const { pipeline, Readable } = require('node:stream');

const BODY_CAP = 10 * 1024 * 1024;

class Request extends http.IncomingMessage {
  /** Path without the query, as sent. */
  get path() {
    const end = this.url.indexOf('?');
    return end < 0 ? this.url : this.url.slice(0, end);
  }

  /** Query parameters; one that is given more than once is an array. */
  get query() {
    const start = this.url.indexOf('?');
    const value = start < 0 ? {} : fromPairs(new URLSearchParams(this.url.slice(start)));
    Object.defineProperty(this, 'query', { value, writable: true, configurable: true });
    return value;
  }

  /** Aborted when the caller goes away before the response is complete. */
  get signal() {
    const controller = new AbortController();
    if (this.socket.destroyed) controller.abort();
    else if (this.res) this.res.once('close', () => this.res.writableFinished || controller.abort());
    else this.socket.once('close', () => controller.abort());
    Object.defineProperty(this, 'signal', { value: controller.signal, configurable: true });
    return controller.signal;
  }

  /** Unix milliseconds at which the platform stops waiting; undefined where nobody said. */
  get deadline() {
    const text = this.headers['x-presage-deadline'];
    return text === undefined ? undefined : Number(text);
  }

  /** A header by name, whatever its case. */
  get(name) {
    return this.headers[name.toLowerCase()];
  }
}
Request.prototype.params = Object.freeze({});

class Response extends http.ServerResponse {
  status(code) {
    this.statusCode = code;
    return this;
  }

  /** `set(name, value)` or `set({ name: value })`. */
  set(name, value) {
    if (typeof name === 'string') this.setHeader(name, value);
    else for (const [key, item] of Object.entries(name)) this.setHeader(key, item);
    return this;
  }

  json(value) {
    if (!this.hasHeader('content-type')) this.setHeader('content-type', 'application/json; charset=utf-8');
    this.finishWith(JSON.stringify(value) ?? '');
    return this;
  }

  /** Ends the response: text and bytes as they are, all else as JSON. */
  send(value) {
    if (value === undefined || value === null) this.finishWith('');
    else if (typeof value === 'string') this.finishWith(value, 'text/plain; charset=utf-8');
    else if (value instanceof Uint8Array) this.finishWith(value, 'application/octet-stream');
    else this.json(value);
    return this;
  }

  finishWith(body, type) {
    if (type && !this.hasHeader('content-type')) this.setHeader('content-type', type);
    this.setHeader('content-length', Buffer.byteLength(body));
    this.end(body);
  }
}

function fromPairs(pairs) {
  const result = {};
  for (const [key, value] of pairs) {
    if (!Object.hasOwn(result, key))
      Object.defineProperty(result, key, { value, writable: true, enumerable: true, configurable: true });
    else if (Array.isArray(result[key])) result[key].push(value);
    else result[key] = [result[key], value];
  }
  return result;
}

/** An error whose answer is the caller's to know. */
class HttpError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** How the body is to be parsed; undefined: the handler reads the stream. */
function bodyKind(req) {
  const { headers } = req;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return undefined;
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') return undefined;
  const type = (headers['content-type'] ?? '').split(';', 1)[0].trim().toLowerCase();
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return type.startsWith('text/') ? 'text' : undefined;
}

/** Reads the whole body into `req.body` (parsed) and `req.rawBody`. @throws HttpError 400, 413 */
async function readBody(req, kind) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes <= BODY_CAP) chunks.push(chunk);
    else chunks.length = 0; // read to its end all the same: a caller who still sends would not hear the answer
  }
  if (bytes > BODY_CAP) {
    const advice = 'send it with another content type, or set PRESAGE_BODY=stream, to read it as a stream';
    throw new HttpError(413, 'payload_too_large', `The body is larger than ${BODY_CAP} bytes; ${advice}`);
  }
  req.rawBody = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  req._body = true; // tells body-parser that its work is done
  const text = req.rawBody.toString();
  if (kind === 'text') req.body = text;
  else if (kind === 'form') req.body = fromPairs(new URLSearchParams(text));
  else if (text !== '') {
    try {
      req.body = JSON.parse(text);
    } catch (error) {
      throw new HttpError(400, 'invalid_argument', `The body is not valid JSON: ${error.message}`);
    }
  }
}

/** Answers with what a handler returned, where it did not use `res` itself. */
async function sendReturned(res, value) {
  // `(req, res) => req.pipe(res)` returns the response that it will write to.
  if (value === undefined || value === res || res.headersSent || res.writableEnded) return;
  const streams =
    value !== null && typeof value === 'object' && (value[Symbol.asyncIterator] || value instanceof Readable);
  if (!streams) return void res.send(value);
  await new Promise((resolve, reject) => {
    // A caller who hangs up ends the stream; that is no error of the function's.
    pipeline(Readable.from(value), res, (error) =>
      error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE' ? reject(error) : resolve(),
    );
  });
}

/** An RFC 9457 answer. Nothing of the error itself: that is for the function's own log. */
function sendProblem(res, status, code, title, detail) {
  if (res.headersSent) return void res.destroy(); // half an answer must not look like a whole one
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  const requestId = res.req.headers['x-presage-invocation'];
  res.setHeader('content-type', 'application/problem+json');
  res.setHeader('x-presage-error', code);
  res.statusCode = status;
  res.finishWith(JSON.stringify({ type: 'about:blank', title, status, detail, code, requestId }));
}

module.exports = { Request, Response, HttpError, bodyKind, readBody, sendReturned, sendProblem };
