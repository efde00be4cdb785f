import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { KeptRequest } from '../../drivers/async-queue/async-queue';

/** A request that was put aside, as the invocation path takes it: no connection stands behind it. */
export class StoredRequest extends IncomingMessage {
  readonly #body: Readable | null;
  #reading = false;

  /** @param body its kept body as a stream; null when it is empty */
  constructor(kept: KeptRequest, body: Readable | null) {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: kept.remoteAddress ?? '127.0.0.1' });
    super(socket);
    this.#body = body;
    this.method = kept.method;
    this.url = kept.path;
    const length = ['content-length', String(kept.body.length)];
    this.rawHeaders = [...kept.headers, ...(kept.body.length > 0 ? length : [])];
    this.headers = headersOf(this.rawHeaders);
    // Nothing is left to be read away when it is refused.
    this.complete = true;
  }

  override _read(): void {
    const body = this.#body;
    if (!body) {
      this.push(null);
      return;
    }
    if (this.#reading) {
      body.resume();
      return;
    }
    this.#reading = true;
    body.on('data', (chunk: Buffer) => void (this.push(chunk) || body.pause()));
    body.on('end', () => this.push(null));
    body.on('error', (error) => this.destroy(error));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#body?.destroy();
    this.socket.destroy();
    callback(error);
  }
}

function headersOf(raw: readonly string[]): NodeJS.Dict<string> {
  const headers: NodeJS.Dict<string> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    const before = headers[name];
    headers[name] = before === undefined ? raw[at + 1] : `${before}, ${raw[at + 1]}`;
  }
  return headers;
}
