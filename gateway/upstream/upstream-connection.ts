import { connect, type Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import type { Endpoint } from '../../drivers/sandbox/sandbox';
import { AnswerReader, type AnswerSink } from './answer-reader';

/** A request for an instance; its headers have come through a parser and are valid. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query as they go on the wire. */
  readonly path: string;
  /** Flat: name, value, name, value; without those of one hop. */
  readonly headers: readonly string[];
  readonly body: Readable | null;
  /** It asks for a WebSocket. */
  readonly webSocket?: boolean;
}

/** Told how a request goes. `onComplete`, `onUpgrade` or `onError` is the last call; after `abort` there is none. */
export interface UpstreamHandler {
  /** The connection stands; the request is written next. */
  onConnect(abort: () => void): void;
  /** @param resume lets more of the body come after `onData` has said no */
  onHeaders(status: number, headers: readonly string[], resume: () => void, reason: string): void;
  /** @returns false to hold back what has not come yet */
  onData(chunk: Buffer): boolean;
  onComplete(): void;
  /** The connection is a WebSocket now, paused and the handler's; the pool only counts it until it is closed. */
  onUpgrade(headers: readonly string[], socket: Duplex): void;
  onError(error: Error): void;
}

/** Makes a connection another way. @param standing called once it takes bytes for the instance */
export type Dial = (standing: () => void) => Socket;

const CONNECT_TIMEOUT_MS = 5_000;

/** What a connection says to the pool that it belongs to. */
export interface ConnectionOwner {
  /** Free for the next request. */
  freed(connection: UpstreamConnection): void;
  closed(connection: UpstreamConnection): void;
}

/** One connection to an instance: one request at a time, over and over. */
export class UpstreamConnection implements AnswerSink {
  /** Since when nothing is in flight, milliseconds of `performance.now()`. */
  idleSince = 0;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader(this);
  #request: UpstreamRequest | undefined;
  #handler: UpstreamHandler | undefined;
  #bodyDone = true;
  #standing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    target: Endpoint | Dial,
    private readonly owner: ConnectionOwner,
  ) {
    this.#socket = typeof target === 'function' ? target(this.#connected) : open(target, this.#connected);
    this.#timer = setTimeout(
      () => this.#socket.destroy(new Error('the instance did not take the connection in time')),
      CONNECT_TIMEOUT_MS,
    );
    this.#socket.once('error', (error) => this.#fail(error));
    this.#socket.once('close', this.#closed);
  }

  /** Milliseconds after which the server closes it when idle, where it says so. */
  get serverIdleMs(): number | undefined {
    return this.#reader.idleMs;
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): void {
    this.#request = request;
    this.#handler = handler;
    if (this.#standing) this.#write();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  head(status: number, reason: string, headers: string[]): void {
    this.#handler?.onHeaders(status, headers, this.#resume, reason);
  }

  data(chunk: Buffer): void {
    if (this.#handler?.onData(chunk) === false) this.#socket.pause();
  }

  switched(headers: string[], rest: Buffer): void {
    const handler = this.#handler;
    this.#request = this.#handler = undefined;
    const socket = this.#socket;
    socket.off('data', this.#read);
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
    handler?.onUpgrade(headers, socket);
  }

  end(): void {
    const handler = this.#handler;
    const { body, webSocket } = this.#request ?? {};
    this.#request = this.#handler = undefined;
    if (this.#bodyDone && !webSocket && this.#reader.reusable && !this.#socket.destroyed) {
      // An answer held back until its last byte leaves nothing to resume it.
      if (this.#socket.isPaused()) this.#socket.resume();
      this.owner.freed(this);
    } else {
      // What of the request is not sent yet, nobody reads any more.
      body?.destroy();
      this.#socket.destroy();
    }
    handler?.onComplete();
  }

  #write(): void {
    const request = this.#request;
    if (!request) return;
    const { method, path, headers, body, webSocket = false } = request;
    this.#handler?.onConnect(this.#abort);
    // The handler may have changed its mind.
    if (this.#request !== request) return;
    let head = `${method} ${path} HTTP/1.1\r\n`;
    let hosted = false;
    let sized = false;
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const name = headers[i] as string;
      head += `${name}: ${headers[i + 1]}\r\n`;
      if (name.length === 4 && name.toLowerCase() === 'host') hosted = true;
      else if (name.length === 14 && name.toLowerCase() === 'content-length') sized = true;
    }
    if (!hosted) head += 'host: localhost\r\n';
    if (webSocket) head += 'connection: Upgrade\r\nupgrade: websocket\r\n';
    const chunked = body !== null && !sized;
    if (chunked) head += 'transfer-encoding: chunked\r\n';
    else if (!sized && (method === 'POST' || method === 'PUT' || method === 'PATCH')) head += 'content-length: 0\r\n';
    this.#reader.begin(method, webSocket);
    this.#socket.write(`${head}\r\n`, 'latin1');
    if (body) this.#writeBody(body, chunked);
  }

  #writeBody(body: Readable, chunked: boolean): void {
    this.#bodyDone = false;
    const socket = this.#socket;
    const go = (): void => void body.resume();
    const stop = (): void => void socket.off('drain', go);
    body.on('data', (chunk: Buffer) => {
      if (socket.destroyed) return;
      if (chunked) socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
      const more = socket.write(chunk);
      if (chunked) socket.write('\r\n', 'latin1');
      if (more) return;
      body.pause();
      socket.once('drain', go);
    });
    body.once('end', () => {
      stop();
      this.#bodyDone = true;
      if (chunked && !socket.destroyed) socket.write('0\r\n\r\n', 'latin1');
    });
    body.once('error', (error) => {
      stop();
      if (this.#request?.body === body) this.#fail(error);
    });
    socket.once('close', () => body.destroy());
  }

  readonly #connected = (): void => {
    clearTimeout(this.#timer);
    this.#standing = true;
    this.#socket.on('data', this.#read);
    this.#write();
  };

  readonly #read = (chunk: Buffer): void => {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#fail(error as Error);
    }
  };

  readonly #resume = (): void => {
    this.#socket.resume();
  };

  readonly #abort = (): void => {
    this.#request = this.#handler = undefined;
    this.#socket.destroy();
  };

  #fail(error: Error): void {
    const handler = this.#handler;
    this.#request = this.#handler = undefined;
    this.#socket.destroy();
    handler?.onError(error);
  }

  readonly #closed = (): void => {
    clearTimeout(this.#timer);
    this.owner.closed(this);
    // An answer that goes on until the end is whole now; then nobody is left to be told.
    if (this.#handler) this.#reader.close();
    if (this.#handler) this.#fail(new Error('the instance closed the connection'));
  };
}

function open(endpoint: Endpoint, standing: () => void): Socket {
  const { kind } = endpoint;
  const socket = connect(kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port });
  if (kind !== 'unix') socket.setNoDelay(true);
  return socket.once('connect', standing);
}
