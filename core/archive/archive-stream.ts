import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isPlatformError, PlatformError } from '../error/platform-error';
import type { ArchiveLimits } from './archive-limits';

/** Above every unpacked byte: headers, padding, end blocks. */
const TAR_OVERHEAD_PER_ENTRY = 2048;

/** First bytes of what people send instead of a tar, and what to do then. */
const OTHER_FORMATS: readonly (readonly [string, string, string])[] = [
  ['504b0304', 'a zip file', 'Pack it as tar: tar -czf code.tgz -C FOLDER .'],
  ['28b52ffd', 'compressed with zstd', 'Use gzip, or no compression.'],
  ['fd377a585a00', 'compressed with xz', 'Use gzip, or no compression.'],
  ['425a68', 'compressed with bzip2', 'Use gzip, or no compression.'],
];

/**
 * The tar inside a tar or tar.gz, within the limits however small the input is: counts what comes out, and compares it
 * with what went in. @throws PlatformError invalid_archive
 */
export async function* archiveBytes(source: AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<Buffer> {
  const input = new CountedInput(source);
  const start = await input.peek(6);
  const other = OTHER_FORMATS.find(([magic]) => start.toString('hex').startsWith(magic));
  if (other)
    throw new PlatformError('invalid_archive', `The archive is ${other[1]}, not a tar or tar.gz`, { hint: other[2] });
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  const maxTarBytes = limits.maxBytes + limits.maxEntries * TAR_OVERHEAD_PER_ENTRY;
  let bytes = 0;
  for await (const chunk of isGzip ? gunzipped(input) : input.chunks()) {
    bytes += chunk.length;
    if (bytes > maxTarBytes) throw bomb(`unpacks to more than ${maxTarBytes} bytes`);
    if (bytes > limits.ratioFreeBytes && bytes > input.bytes * limits.maxRatio) {
      throw bomb(`unpacks to more than ${limits.maxRatio} times its size`);
    }
    yield chunk;
  }
}

async function* gunzipped(input: CountedInput): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  // Its error comes out of the loop below as well.
  pipeline(Readable.from(input.chunks()), gunzip, () => undefined);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    if (isPlatformError(error) || !isZlibError(error)) throw error;
    throw new PlatformError(
      'invalid_archive',
      'The archive is damaged or cut short, or something follows its end: it does not unpack as gzip',
      {
        cause: error,
        hint: 'Pack and send it again.',
      },
    );
  }
  if (!input.ended || gunzip.bytesWritten < input.bytes) {
    throw new PlatformError('invalid_archive', 'Something follows the end of the gzip archive', {
      hint: 'Pack and send it again.',
    });
  }
}

/** A source that can be looked at and that knows how much of it was taken. */
class CountedInput {
  bytes = 0;
  ended = false;
  private head: Buffer = Buffer.alloc(0);
  private readonly iterator: AsyncIterator<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  async peek(count: number): Promise<Buffer> {
    while (this.head.length < count && !this.ended) {
      const next = await this.iterator.next();
      if (next.done) this.ended = true;
      else this.head = Buffer.concat([this.head, next.value]);
    }
    return this.head.subarray(0, count);
  }

  async *chunks(): AsyncGenerator<Buffer> {
    try {
      if (this.head.length > 0) yield this.counted(this.head);
      while (!this.ended) {
        const next = await this.iterator.next();
        if (next.done) this.ended = true;
        else yield this.counted(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength));
      }
    } finally {
      await this.iterator.return?.();
    }
  }

  private counted(chunk: Buffer): Buffer {
    this.bytes += chunk.length;
    return chunk;
  }
}

function isZlibError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^Z_/.test(String(error.code));
}

function bomb(what: string): PlatformError {
  return new PlatformError('invalid_archive', `The archive ${what}: it is refused as a compression bomb`, {
    hint: 'Leave out large files that the function does not need; fetch data at run time.',
  });
}
