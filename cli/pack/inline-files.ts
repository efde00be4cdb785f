import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { PlatformError } from '../../core/error/platform-error';
import { readAll } from '../terminal';

/** An object of Kubernetes may have 1.5 MiB with everything; what is kept of it by kubectl doubles that. */
const MOST_BYTES = 500_000;

/**
 * The files of a packed folder by path, to stand in an object.
 * @throws PlatformError invalid_argument for what is no text, or too much: that is to be uploaded
 */
export async function inlineFiles(archive: Readable): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  let bytes = 0;
  const entries = archive.pipe(createGunzip()).pipe(extract());
  archive.once('error', (error) => entries.destroy(error));
  for await (const entry of entries) {
    const { name, type } = entry.header;
    const content = await readAll(entry);
    if (type === 'directory') continue;
    if (type !== 'file') throw refused(`${name} is a link`);
    const text = content.toString('utf8');
    if (!Buffer.from(text).equals(content)) throw refused(`${name} is no text`);
    bytes += content.length;
    if (bytes > MOST_BYTES) throw refused(`the files have more than ${MOST_BYTES} bytes`);
    files[name] = text;
  }
  return files;
}

function refused(why: string): PlatformError {
  return new PlatformError('invalid_argument', `The code cannot stand in the object: ${why}`, {
    hint: 'Leave --inline out: the code is uploaded, and the object names its digest.',
  });
}
