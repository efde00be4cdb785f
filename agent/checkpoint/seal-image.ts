import { createCipheriv, createHash, sign } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import {
  CHUNK_BYTES,
  CODEC_LZ4,
  CODEC_RAW,
  chunkContext,
  chunkNonce,
  encodeHeader,
  FRAME_BYTES,
  type SealedHeader,
  signedText,
  TAG_BYTES,
} from '../../core/checkpoint/sealed-format';
import { sealKey, signingKeys, type TenantKeys } from '../../core/crypto/tenant-keys';
import { PlatformError } from '../../core/error/platform-error';
import { type BlockCodec, loadBlockCodec } from './block-codec';

export interface SealJob {
  readonly rawDir: string;
  readonly header: SealedHeader;
  readonly keys: TenantKeys;
}

/**
 * The sealed form of a raw image, piece by piece, in memory bounded by one chunk. Reads synchronously: it runs in a
 * worker thread. @throws PlatformError checkpoint_failed when a file is not as long as the header says
 */
export function* sealImage(job: SealJob, codec: BlockCodec = loadBlockCodec()): Generator<Buffer> {
  const hash = createHash('sha256');
  const head = encodeHeader(job.header);
  const headerHash = createHash('sha256').update(head).digest();
  const key = sealKey(job.keys, Buffer.from(job.header.salt, 'hex'), job.header.checkpointId);
  const plain = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const packed = Buffer.allocUnsafeSlow(codec.bound(CHUNK_BYTES));
  hash.update(head);
  yield head;
  let index = 0;
  for (const [fileIndex, file] of job.header.files.entries()) {
    const descriptor = openSync(path.join(job.rawDir, file.name), 'r');
    try {
      for (let left = file.bytes; left > 0; left -= CHUNK_BYTES) {
        const chunk = plain.subarray(0, Math.min(left, CHUNK_BYTES));
        readWhole(descriptor, chunk, file.name);
        const sealed = sealChunk(chunk, packed, codec, (frame) => {
          const cipher = createCipheriv('aes-256-gcm', key, chunkNonce(index));
          return cipher.setAAD(chunkContext(headerHash, fileIndex, index, frame));
        });
        index += 1;
        hash.update(sealed);
        yield sealed;
      }
      if (readSync(descriptor, plain, 0, 1, null) !== 0) throw changed(file.name);
    } finally {
      closeSync(descriptor);
    }
  }
  yield sign(null, signedText(hash.digest()), signingKeys(job.keys.signingSeed).privateKey);
}

/** Frame, tag and ciphertext in one buffer of its own, so that it can be handed to another thread. */
function sealChunk(
  chunk: Buffer,
  packed: Buffer,
  codec: BlockCodec,
  cipherFor: (frame: Buffer) => ReturnType<typeof createCipheriv> & { getAuthTag(): Buffer },
): Buffer {
  const length = codec.compress(chunk, packed);
  const shrunk = length > 0 && length < chunk.length;
  const body = shrunk ? packed.subarray(0, length) : chunk;
  const out = Buffer.allocUnsafeSlow(FRAME_BYTES + TAG_BYTES + body.length);
  out.writeUInt32BE(chunk.length, 0);
  out.writeUInt32BE(body.length, 4);
  out.writeUInt8(shrunk ? CODEC_LZ4 : CODEC_RAW, 8);
  const cipher = cipherFor(out.subarray(0, FRAME_BYTES));
  cipher.update(body).copy(out, FRAME_BYTES + TAG_BYTES);
  cipher.final();
  cipher.getAuthTag().copy(out, FRAME_BYTES);
  return out;
}

function readWhole(descriptor: number, into: Buffer, name: string): void {
  for (let at = 0; at < into.length;) {
    const count = readSync(descriptor, into, at, into.length - at, null);
    if (count === 0) throw changed(name);
    at += count;
  }
}

function changed(name: string): PlatformError {
  return new PlatformError('checkpoint_failed', `The raw image's file ${name} changed while it was sealed`);
}
