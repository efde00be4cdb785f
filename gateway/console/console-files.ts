import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../../core/error/platform-error';

/** How a file may be sent; the plain bytes, and what the build has made of them. */
export const ENCODINGS = { br: '.br', gzip: '.gz' } as const;
type Encoding = keyof typeof ENCODINGS;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
};

export interface ConsoleFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly packed: Readonly<Partial<Record<Encoding, Buffer>>>;
}

/**
 * The console as it was built, by path below /console/ with `/` between. It is read once and held, some hundred kilobytes:
 * a build that comes while this gateway runs does not mix with the one before.
 * @throws PlatformError unavailable where there is none
 */
export async function readConsole(folder: string): Promise<ReadonlyMap<string, ConsoleFile>> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  const files = new Map<string, ConsoleFile>();
  for (const name of names) {
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    const plain = await readFile(path.join(folder, name));
    const packed: Partial<Record<Encoding, Buffer>> = {};
    for (const [encoding, ending] of Object.entries(ENCODINGS) as [Encoding, string][]) {
      if (names.includes(name + ending)) packed[encoding] = await readFile(path.join(folder, name + ending));
    }
    const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
    files.set(name.split(path.sep).join('/'), { type, etag, plain, packed });
  }
  if (files.has('index.html')) return files;
  throw new PlatformError('unavailable', 'The console has not been built.', {
    hint: 'npm run build makes it; gateway.console: false takes it away.',
  });
}
