import { PassThrough, Transform, type Readable } from 'node:stream';
import { PlatformError } from '../../core/error/platform-error';
import type { BlobInfo } from '../../drivers/image-store/image-store';
import type { ApiContext } from './api-context';

type CodeKind = Awaited<ReturnType<ApiContext['validateArchive']>>['kind'];

/**
 * Stores an archive while it is being checked, in one pass: the store sees the end of the content only once the
 * validator has passed it, so a refused archive leaves no blob behind. The body is always read to its end or let run dry,
 * never torn down, so that the caller gets to read the refusal.
 * @throws PlatformError invalid_archive, payload_too_large, storage_full; invalid_argument when the caller broke off
 */
export async function takeInCode(context: ApiContext, body: Readable): Promise<BlobInfo & { readonly kind: CodeKind }> {
  const copy = new PassThrough();
  const validation = context.validateArchive(copy);
  // Its reader may give up first.
  copy.on('error', () => undefined);
  // A validator may be satisfied before the end of the padding: what it leaves must not stop the flow.
  validation.finally(() => copy.resume()).catch(() => undefined);
  const gate = new ValidatedCopy(copy, validation, context.maxCodeBytes);
  validation.catch((error: unknown) => gate.refuse(error as Error));
  const brokenOff = (cause?: Error): void => {
    gate.refuse(new PlatformError('invalid_argument', 'The upload was broken off.', { cause }));
  };
  body.once('error', brokenOff);
  body.once('close', () => {
    if (!body.readableEnded) brokenOff();
  });
  gate.once('error', (error) => {
    copy.destroy(error);
    body.unpipe(gate);
    body.resume();
  });
  body.pipe(gate);
  const storing = context.images.put(gate, { maxBytes: context.maxCodeBytes });
  // Nobody takes from the gate any more: without this the body, and with it the validator, would wait for ever.
  storing.catch((error: unknown) => gate.destroy(error as Error));
  const [stored] = await Promise.allSettled([storing]);
  // Why the gate fell is the reason; that the store did not get its content is but what came of it.
  if (gate.reason) throw gate.reason;
  if (stored.status === 'rejected') throw stored.reason;
  return { ...stored.value, kind: (await validation).kind };
}

/** Passes bytes on to the store and to the validator at the pace of the slower one; ends only with the validator's word. */
class ValidatedCopy extends Transform {
  /** Why the content was refused; undefined also when the store gave up, whose own error says why. */
  reason: Error | undefined;
  #bytes = 0;
  #settled = false;

  constructor(
    private readonly copy: PassThrough,
    private readonly validation: Promise<unknown>,
    private readonly maxBytes: number,
  ) {
    super();
    const settled = (): void => {
      this.#settled = true;
      // A validator that has torn down its copy will never make room in it.
      copy.emit('drain');
    };
    validation.then(settled, settled);
  }

  /** Takes nothing more, for this reason; once it has fallen, what comes after is only what came of that. */
  refuse(reason: Error): void {
    if (this.destroyed) return;
    this.reason = reason;
    this.destroy(reason);
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null, data?: Buffer) => void,
  ): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.maxBytes) {
      this.refuse(
        new PlatformError('payload_too_large', `The archive is larger than the ${this.maxBytes} bytes allowed.`),
      );
      done();
    } else if (this.#settled || this.copy.write(chunk)) {
      done(null, chunk);
    } else {
      this.copy.once('drain', () => done(null, chunk));
    }
  }

  override _flush(done: (error?: Error | null) => void): void {
    this.copy.end();
    this.validation.then(
      () => done(),
      (error: Error) => this.refuse(error),
    );
  }
}
