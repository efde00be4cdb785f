import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PlatformError } from '../../core/error/platform-error';

/** Rows with ascending ids that grow at the end. */
export interface StreamSource<T extends { readonly id: string }> {
  /** Calls `wake` whenever there may be new rows. Returns the unsubscribe. */
  subscribe(wake: () => void): Promise<() => Promise<void>>;
  /** The next rows after an id, oldest first, one page; null is the very beginning. */
  read(after: string | null): Promise<readonly T[]>;
  /** Where a reader begins who names no id: rows to show at once, and the id to go on after. */
  begin(): Promise<{ readonly shown: readonly T[]; readonly position: string | null }>;
  readonly eventName: (row: T) => string;
  readonly view: (row: T) => unknown;
}

const RETRY_MS = 2_000;
/** A reader that takes nothing for this many heartbeats is cut off; it comes back with `last-event-id`. */
const STALLED_HEARTBEATS = 4;

/**
 * Sends rows as server-sent events. Each stream pulls: the next page is read only when the client has taken the one
 * before, so a slow client costs one page of memory. Nothing is lost or sent twice when a client comes back with the id
 * it saw last.
 */
export class EventStreams {
  readonly #open = new Set<Readable>();
  readonly #perTenant = new Map<string, number>();

  constructor(
    private readonly heartbeatMs = 15_000,
    private readonly maxPerTenant = 64,
  ) {}

  get open(): number {
    return this.#open.size;
  }

  /** Ends all streams, so that the server can close. */
  closeAll(): void {
    for (const stream of this.#open) stream.destroy();
  }

  /** Answers `request` with the stream. @throws PlatformError capacity when the tenant holds too many */
  async send<T extends { readonly id: string }>(
    tenant: string,
    source: StreamSource<T>,
    after: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    // Before the status line is out, so that a store that is away, or an id it cannot read, becomes a problem document.
    const start = after === undefined ? await source.begin() : { shown: await source.read(after), position: after };
    const held = this.#perTenant.get(tenant) ?? 0;
    if (held >= this.maxPerTenant) {
      throw new PlatformError('capacity', `The tenant has ${held} event streams open already.`, {
        hint: 'Close one.',
        retryAfterSeconds: 5,
      });
    }
    this.#perTenant.set(tenant, held + 1);
    const closed = new AbortController();
    const stream = Readable.from(this.#frames(source, start, closed.signal, request));
    this.#open.add(stream);
    stream.once('close', () => {
      closed.abort();
      this.#open.delete(stream);
      const left = (this.#perTenant.get(tenant) ?? 1) - 1;
      if (left === 0) this.#perTenant.delete(tenant);
      else this.#perTenant.set(tenant, left);
    });
    request.raw.socket.setTimeout(this.heartbeatMs * STALLED_HEARTBEATS);
    return reply
      .headers({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        connection: 'close',
        'x-accel-buffering': 'no',
      })
      .send(stream);
  }

  async *#frames<T extends { readonly id: string }>(
    source: StreamSource<T>,
    start: { readonly shown: readonly T[]; readonly position: string | null },
    closed: AbortSignal,
    request: FastifyRequest,
  ): AsyncGenerator<string> {
    const bell = new Bell();
    closed.addEventListener('abort', () => bell.ring());
    const unsubscribe = await source.subscribe(() => bell.ring());
    try {
      yield `retry: ${RETRY_MS}\n\n`;
      let position = start.shown.at(-1)?.id ?? start.position;
      for (const row of start.shown) yield frame(source, row);
      // The place to come back to is known before the first event.
      if (position !== null && start.shown.length === 0) yield `id: ${position}\n\n`;
      while (!closed.aborted) {
        bell.reset();
        const rows = await this.#read(source, position, request);
        for (const row of rows) {
          yield frame(source, row);
          position = row.id;
        }
        if (rows.length > 0) continue;
        await bell.wait(this.heartbeatMs);
        if (!closed.aborted && !bell.rung) yield ': still here\n\n';
      }
    } finally {
      await unsubscribe();
    }
  }

  /** A store that is away ends nothing: the heartbeat goes on and the next look finds what was missed. */
  async #read<T extends { readonly id: string }>(
    source: StreamSource<T>,
    after: string | null,
    request: FastifyRequest,
  ): Promise<readonly T[]> {
    try {
      return await source.read(after);
    } catch (error) {
      request.log.warn({ err: error }, 'an event stream cannot read just now');
      return [];
    }
  }
}

function frame<T extends { readonly id: string }>(source: StreamSource<T>, row: T): string {
  return `id: ${row.id}\nevent: ${source.eventName(row)}\ndata: ${JSON.stringify(source.view(row))}\n\n`;
}

/** Rings are remembered until `reset`, so that one between two waits is not missed. */
class Bell {
  rung = false;
  #answer: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.#answer?.();
  }

  reset(): void {
    this.rung = false;
  }

  async wait(ms: number): Promise<void> {
    if (this.rung) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#answer = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#answer = undefined;
  }
}
