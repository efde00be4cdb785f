import type { MessagePort } from 'node:worker_threads';
import { PlatformError, toPlatformError, type ErrorCode } from '../../core/error/platform-error';

/** How many chunks may be on their way unread: bounds the memory between two threads. */
const WINDOW = 16;

type Message =
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' }
  | { readonly kind: 'read' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint?: string };

/**
 * One end of a pipe between two threads, with back-pressure: chunks go one way or the other, and one outcome ends it.
 * When either end closes, or its thread dies, all that waits at the other one fails.
 */
export class ChunkPort {
  private credit = WINDOW;
  private readonly arrived: Buffer[] = [];
  private inputEnded = false;
  private failure: PlatformError | undefined;
  private finished = false;
  private closed = false;
  private wake: (() => void)[] = [];

  constructor(private readonly port: MessagePort) {
    port.on('message', (message: Message) => this.receive(message));
    port.on('close', () => {
      this.closed = true;
      this.wakeAll();
    });
  }

  /** Resolves when the chunk is on its way. Its memory is handed over where it is the chunk's own, else copied. */
  async send(chunk: Uint8Array): Promise<void> {
    await this.until(() => this.credit > 0);
    this.credit -= 1;
    const own = chunk.byteLength === chunk.buffer.byteLength && chunk.buffer instanceof ArrayBuffer;
    const bytes = (own ? chunk : new Uint8Array(chunk)) as Uint8Array<ArrayBuffer>;
    this.post({ kind: 'chunk', bytes }, [bytes.buffer]);
  }

  end(): void {
    this.post({ kind: 'end' });
  }

  /** The other end's chunks, until it says `end`. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      await this.until(() => this.arrived.length > 0 || this.inputEnded);
      const chunk = this.arrived.shift();
      if (!chunk) return;
      this.post({ kind: 'read' });
      yield chunk;
    }
  }

  /** Tells the outcome; the other end's `outcome` settles. */
  settle(error?: unknown): void {
    if (error === undefined) return this.post({ kind: 'done' });
    const { code, message, hint } = toPlatformError(error);
    this.post({ kind: 'failed', code, message, ...(hint === undefined ? {} : { hint }) });
  }

  /** The other end's outcome. @throws PlatformError its failure, or `unavailable` when its thread died */
  async outcome(): Promise<void> {
    await this.until(() => this.finished);
  }

  close(): void {
    this.port.close();
  }

  private receive(message: Message): void {
    if (message.kind === 'chunk') this.arrived.push(Buffer.from(message.bytes.buffer));
    else if (message.kind === 'read') this.credit += 1;
    else if (message.kind === 'end') this.inputEnded = true;
    else if (message.kind === 'done') this.finished = true;
    else {
      const hint = message.hint === undefined ? {} : { hint: message.hint };
      this.failure = new PlatformError(message.code, message.message, hint);
    }
    this.wakeAll();
  }

  private async until(ready: () => boolean): Promise<void> {
    for (;;) {
      if (this.failure) throw this.failure;
      if (ready()) return;
      if (this.closed) throw new PlatformError('unavailable', 'The sealing thread ended before its work was done');
      await new Promise<void>((resolve) => this.wake.push(resolve));
    }
  }

  private wakeAll(): void {
    for (const resolve of this.wake.splice(0)) resolve();
  }

  private post(message: Message, transfer: ArrayBuffer[] = []): void {
    if (!this.closed) this.port.postMessage(message, transfer);
  }
}
