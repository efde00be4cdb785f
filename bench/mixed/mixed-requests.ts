import { createHash, randomBytes } from 'node:crypto';
import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { WebSocket, type ErrorEvent } from 'undici';
import type { MixedKind, MixedOutcome } from './mixed-outcome';

const PATIENCE_MS = 60_000;
const UPLOAD_BYTES = 256 * 1024;
const EVENT_MS = 200;
const MESSAGES = 5;

/** Sends requests to the function that does everything, and holds each answer against what it should be. */
export class MixedRequests {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1024 });

  constructor(
    private readonly platform: { readonly url: string; readonly apiKey: string },
    /** Milliseconds on the clock of the outcomes. */
    private readonly now: () => number,
  ) {}

  close(): void {
    this.#agent.destroy();
  }

  /** @param ms how long the function is to take */
  plain(name: string, ms: number): Promise<MixedOutcome> {
    const path = `/fn/default/${name}/plain?ms=${ms.toFixed(1)}`;
    const check = (body: string): string | null => (body.includes('"waited"') ? null : 'wrong answer');
    return this.#exchange('plain', path, {}, undefined, check).then((outcome) => ({ ...outcome, executeMs: ms }));
  }

  /** @param ms how long its events are to go on */
  stream(name: string, ms: number): Promise<MixedOutcome> {
    const end = `data: end ${Math.ceil(ms / EVENT_MS)}\n\n`;
    return this.#exchange('stream', `/fn/default/${name}/stream?ms=${ms}`, {}, undefined, (body) =>
      body.endsWith(end) ? null : 'broken off',
    );
  }

  upload(name: string): Promise<MixedOutcome> {
    const body = randomBytes(UPLOAD_BYTES);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const options = { method: 'POST', headers: { 'content-type': 'application/octet-stream' } };
    return this.#exchange('upload', `/fn/default/${name}/upload`, options, body, (text) =>
      text.includes(sha256) ? null : 'wrong answer',
    );
  }

  /**
   * Asks for work that nobody waits for. `accepted` gets the id from a 202.
   * @param ms how long the function is to take
   */
  accept(name: string, key: string, ms: number, accepted: (id: string) => void): Promise<MixedOutcome> {
    const options = { method: 'POST', headers: { prefer: 'respond-async', 'idempotency-key': `"${key}"` } };
    return this.#exchange('accept', `/fn/default/${name}/work?key=${key}&ms=${ms}`, options, undefined, (body, status) => {
      const { id } = JSON.parse(body) as { id?: string };
      if (status !== 202 || id === undefined) return 'wrong answer';
      accepted(id);
      return null;
    }); // prettier-ignore
  }

  /** Says something, hears it back, a few times; then closes. @param ms how long that is to take */
  async socket(name: string, ms: number): Promise<MixedOutcome> {
    const begun = this.now();
    const url = `${this.platform.url.replace(/^http/, 'ws')}/fn/default/${name}/`;
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${this.platform.apiKey}` } });
    let firstByteMs: number | null = null;
    let heard = 0;
    const failure = await new Promise<string | null>((resolve) => {
      const late = setTimeout(() => resolve('timeout'), PATIENCE_MS);
      const settle = (why: string | null): void => {
        clearTimeout(late);
        resolve(why);
      };
      const say = (): void => socket.send(`message ${heard}`);
      socket.addEventListener('open', () => {
        firstByteMs = this.now() - begun;
        say();
      });
      socket.addEventListener('message', ({ data }) => {
        if (data !== `message ${heard}`) return settle('wrong answer');
        heard++;
        setTimeout(() => (heard < MESSAGES ? say() : socket.close()), ms / MESSAGES);
      });
      socket.addEventListener('error', (event: ErrorEvent) => settle(codeOf(event.error)));
      socket.addEventListener('close', () => settle(heard === MESSAGES ? null : 'broken off'));
    });
    const status = firstByteMs === null ? 0 : 101;
    return { kind: 'socket', begun, ended: this.now(), status, firstByteMs, executeMs: 0, failure };
  }

  #exchange(
    kind: MixedKind,
    path: string,
    options: RequestOptions,
    body: Buffer | undefined,
    check: (body: string, status: number) => string | null,
  ): Promise<MixedOutcome> {
    const { url, apiKey } = this.platform;
    const begun = this.now();
    let status = 0;
    let firstByteMs: number | null = null;
    return new Promise((resolve) => {
      const end = (failure: string | null): void =>
        resolve({ kind, begun, ended: this.now(), status, firstByteMs, executeMs: 0, failure });
      const headers = {
        ...(options.headers as Record<string, string> | undefined),
        authorization: `Bearer ${apiKey}`,
        ...(options.method === 'POST' ? { 'content-length': body?.length ?? 0 } : {}),
      };
      const outgoing = request(new URL(path, url), { ...options, agent: this.#agent, headers }, (response) => {
        firstByteMs = this.now() - begun;
        status = response.statusCode ?? 0;
        void read(response).then((text) => {
          if (status >= 400) end(`${status} ${/"code":\s*"(\w+)"/.exec(text)?.[1] ?? 'without a code'}`);
          else end(check(text, status));
        }, (error: unknown) => end(codeOf(error))); // prettier-ignore
      });
      outgoing.setTimeout(PATIENCE_MS, () => outgoing.destroy(Object.assign(new Error(), { code: 'timeout' })));
      outgoing.once('error', (error) => end(codeOf(error)));
      outgoing.end(body);
    });
  }
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return error instanceof Error ? error.message || error.name : String(error);
}
