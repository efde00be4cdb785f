import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { isPlatformError, PlatformError } from '../../core/error/platform-error';
import type { Digest, ImageStore } from './image-store';

/** Far above what a model or a shard of histories takes; what is longer is none of ours. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Stores an artefact of training under the digest of its bytes. */
export async function writeArtefact(images: Pick<ImageStore, 'put'>, bytes: Uint8Array): Promise<Digest> {
  const content = Readable.from([Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)], { objectMode: false });
  return (await images.put(content)).digest;
}

/**
 * The bytes of an artefact, whose digest is checked: a file that was changed on the disk gives no model.
 * @throws PlatformError artefact_refused when it is missing or another than its name says
 */
export async function readArtefact(images: Pick<ImageStore, 'open'>, digest: Digest): Promise<Uint8Array> {
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of (await images.open(digest)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BYTES)
        throw new PlatformError('artefact_refused', `${digest} is longer than any of our artefacts`);
    }
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'not_found') throw error;
    throw new PlatformError('artefact_refused', `${digest} is missing`, { cause: error });
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) {
    throw new PlatformError('artefact_refused', `${digest} is corrupt: what is stored has the digest ${found}`);
  }
  return Buffer.concat(chunks);
}
