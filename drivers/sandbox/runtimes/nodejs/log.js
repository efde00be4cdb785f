'use strict';
/**
 * The function's stdout and stderr, line by line, each line marked with the invocation that wrote it:
 * `\x01<invocation>\x02text`. Lines written outside a request carry no mark.
 * A slow reader slows the function down for a moment; one that is away (the agent restarts) costs lines, never the function.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const fs = require('node:fs');
const { StringDecoder } = require('node:string_decoder');

const LINE_CAP = 16 * 1024;
const QUEUE_CAP = 1024 * 1024;
const PATIENCE_MS = 100;

const current = new AsyncLocalStorage();
const outside = { mark: '', parts: {} };
const napping = new Int32Array(new SharedArrayBuffer(4));

/** One of the two pipes: written at once where there is room, else queued. */
class Pipe {
  constructor(fd) {
    this.fd = fd;
    this.queue = [];
    this.bytes = 0;
    this.dropped = 0;
    this.timer = undefined;
  }

  write(text) {
    const data = Buffer.from(text);
    if (this.bytes + data.length > QUEUE_CAP && !this.wait(data.length)) {
      this.dropped += 1;
      return;
    }
    this.queue.push(data);
    this.bytes += data.length;
    this.drain();
  }

  /** Blocks for a reader that is merely slow. Once lines were lost nobody waits again until the reader is back. */
  wait(room) {
    if (this.dropped > 0) return false;
    const end = Date.now() + PATIENCE_MS;
    while (this.bytes > 0 && this.bytes + room > QUEUE_CAP && Date.now() < end) {
      Atomics.wait(napping, 0, 0, 1);
      this.drain();
    }
    return this.bytes + room <= QUEUE_CAP;
  }

  drain() {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      while (this.queue.length > 0) {
        const written = fs.writeSync(this.fd, this.queue[0]);
        this.bytes -= written;
        if (written < this.queue[0].length) this.queue[0] = this.queue[0].subarray(written);
        else this.queue.shift();
      }
    } catch (error) {
      if (error.code === 'EAGAIN') this.timer = setTimeout(() => this.drain(), 5).unref();
      else this.queue.length = this.bytes = 0; // nobody will ever read it
      return;
    }
    if (this.dropped > 0) {
      const notice = `presage: ${this.dropped} log writes were dropped, nobody read them\n`;
      this.dropped = 0;
      this.write(notice);
    }
  }
}

const pipes = { 1: new Pipe(1), 2: new Pipe(2) };

/** Lines end at "\n"; what follows the last one waits for its end, so that parallel requests never share a line. */
function write(fd, chunk, encoding) {
  const store = current.getStore() ?? outside;
  const part = (store.parts[fd] ??= { rest: '', cut: false, decoder: undefined });
  let text = chunk;
  if (typeof chunk !== 'string') {
    part.decoder ??= new StringDecoder('utf8');
    text = part.decoder.write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
  } else if (encoding && encoding !== 'utf8' && encoding !== 'utf-8') text = Buffer.from(chunk, encoding).toString();
  let lines = '';
  let from = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
    if (!part.cut) lines += line(store.mark, part.rest + text.slice(from, end));
    part.rest = '';
    part.cut = false;
    from = end + 1;
  }
  if (!part.cut) part.rest += text.slice(from);
  if (part.rest.length > LINE_CAP) {
    lines += line(store.mark, part.rest);
    part.rest = '';
    part.cut = true;
  }
  if (lines !== '') pipes[fd].write(lines);
}

function line(mark, text) {
  return text.length > LINE_CAP ? `${mark}${text.slice(0, LINE_CAP)} [cut]\n` : `${mark}${text}\n`;
}

function flush(store) {
  for (const fd of [1, 2]) {
    const rest = store.parts[fd]?.rest;
    if (!rest) continue;
    store.parts[fd].rest = '';
    pipes[fd].write(line(store.mark, rest));
  }
}

/** Takes over process.stdout and process.stderr, and console with them. */
exports.install = () => {
  for (const [fd, stream] of [
    [1, process.stdout],
    [2, process.stderr],
  ]) {
    stream.write = (chunk, encoding, done) => {
      if (typeof encoding === 'function') [encoding, done] = [undefined, encoding];
      write(fd, chunk, encoding);
      if (done) process.nextTick(done);
      return true;
    };
  }
  process.on('exit', () => {
    const store = current.getStore();
    if (store) flush(store);
    flush(outside);
    for (const pipe of Object.values(pipes)) if (pipe.bytes > 0) pipe.wait(QUEUE_CAP);
  });
};

/**
 * What belongs to one request; `res` is there for errors thrown out of its callbacks, `trace` for the calls that it makes.
 */
exports.open = (invocation, res, trace) => ({ mark: invocation ? `\x01${invocation}\x02` : '', parts: {}, res, trace });
/** Runs code whose lines, at whatever time they come, belong to the request. */
exports.run = (store, code) => current.run(store, code);
/** Events come from the socket, outside the request; their listeners belong to it all the same. */
exports.keepContext = (emitter, store) => {
  const { emit } = emitter;
  emitter.emit = (...args) =>
    current.getStore() === store ? emit.apply(emitter, args) : current.run(store, () => emit.apply(emitter, args));
};
/** Runs code that belongs to no request. */
exports.runOutside = (code) => current.run(outside, code);
/** The request whose code runs now. */
exports.current = () => current.getStore();
/** Writes what a request left without an end of line. */
exports.flush = flush;
