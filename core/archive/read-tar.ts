import { once } from 'node:events';
import { type Extract, extract, type Headers } from 'tar-stream';
import { isPlatformError, PlatformError } from '../error/platform-error';

export interface TarEntry {
  readonly header: Headers;
  /** Read it before asking for the next entry, or leave it. */
  readonly body: AsyncIterable<Buffer>;
}

interface Progress {
  sinceEntry: number;
  stopped: boolean;
}

/** Input between two entries, i.e. long names and attributes, which the parser keeps in memory. */
const MAX_BETWEEN_ENTRIES = 4 * 1024 * 1024;

/** The entries of a tar in order, in bounded memory. @throws PlatformError invalid_archive when it is none, or damaged */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const parser = extract();
  const progress = { sinceEntry: 0, stopped: false };
  const fed = feed(source, parser, progress);
  try {
    for await (const entry of parser) {
      progress.sinceEntry = 0;
      yield { header: entry.header, body: watched(entry, progress) };
      // What was left unread is skipped, and is no name or attribute; after a whole body this does nothing.
      entry.on('data', () => (progress.sinceEntry = 0));
    }
    await fed;
  } catch (error) {
    if (isPlatformError(error) || !isParserError(error)) throw error;
    throw new PlatformError('invalid_archive', 'The archive is no tar, damaged, or cut short', {
      cause: error,
      hint: 'Pack it with tar: tar -czf code.tgz -C FOLDER .',
    });
  } finally {
    // Not waited for: a source that stalls would hold up its own refusal.
    progress.stopped = true;
    parser.destroy();
  }
}

/** Never rejects: a failure of the source comes out of the parser. */
async function feed(source: AsyncIterable<Buffer>, parser: Extract, progress: Progress): Promise<void> {
  try {
    for await (const chunk of source) {
      if (progress.stopped) return;
      progress.sinceEntry += chunk.length;
      if (progress.sinceEntry > MAX_BETWEEN_ENTRIES) {
        throw new PlatformError('invalid_archive', 'The archive has an entry with overlong names or attributes', {
          hint: 'Pack it with tar --format=ustar.',
        });
      }
      if (!parser.write(chunk) && !progress.stopped) await drained(parser);
    }
    if (!progress.stopped) parser.end();
  } catch (error) {
    parser.destroy(error as Error);
  }
}

async function drained(parser: Extract): Promise<void> {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const settled = (): undefined => undefined;
  await Promise.race(
    [once(parser, 'drain', options), once(parser, 'close', options)].map((event) => event.catch(settled)),
  );
  stop.abort();
}

async function* watched(body: AsyncIterable<Buffer>, progress: Progress): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    progress.sinceEntry = 0;
    yield chunk;
  }
}

function isParserError(error: unknown): boolean {
  const message = String((error as { message?: unknown }).message);
  return /tar header|Unexpected end of data|Writable stream closed|Premature close/i.test(message);
}
