import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { HEADER_NAME, HEADER_VALUE, REQUEST_PATH } from '../../core/function/http-syntax';
import { PlatformError } from '../../core/error/platform-error';
import type { KeptRequest } from '../../drivers/async-queue/async-queue';

/** A request that was put aside, as the invocation path takes it: no connection stands behind it. */
export class StoredRequest extends IncomingMessage {
  readonly #body: Readable | null;
  #reading = false;

  /** @param kept sendable, as `requireSendable` has it @param body its kept body as a stream; null when it is empty */
  constructor(kept: KeptRequest, body: Readable | null) {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: kept.remoteAddress ?? '127.0.0.1' });
    super(socket);
    this.#body = body;
    this.method = kept.method;
    this.url = kept.path;
    const length = ['content-length', String(kept.body.length)];
    this.rawHeaders = [...withoutLength(kept.headers), ...(kept.body.length > 0 ? length : [])];
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

/**
 * What the platform made, such as a tick of a trigger, has come through no parser, and what goes to an instance is
 * written as it is: a line end in it would be a second request. @throws PlatformError invalid_argument
 */
export function requireSendable({ path, headers }: Pick<KeptRequest, 'path' | 'headers'>): void {
  const wrong = headers.findIndex((word, at) => !(at % 2 === 0 ? HEADER_NAME : HEADER_VALUE).test(word));
  if (wrong === -1 && REQUEST_PATH.test(path)) return;
  const what = wrong === -1 ? 'path' : `header ${JSON.stringify(headers[wrong - (wrong % 2)])}`;
  throw new PlatformError('invalid_argument', `The ${what} of the request cannot be sent to a function`, {
    hint: 'Paths have no blanks, and headers no line ends or control characters.',
  });
}

/** The length of the body is known here; another beside it would make two requests of one. */
function withoutLength(headers: readonly string[]): string[] {
  return headers.filter((_, at) => headers[at - (at % 2)]?.toLowerCase() !== 'content-length');
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
