import { createDecipheriv, createHash, verify } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import {
  assertBelongs,
  CHUNK_BYTES,
  type CheckpointMeta,
  CODEC_LZ4,
  CODEC_RAW,
  chunkContext,
  chunkNonce,
  FRAME_BYTES,
  parseHeader,
  refusal,
  type SealedHeader,
  SIGNATURE_BYTES,
  signedText,
  TAG_BYTES,
} from '../../core/checkpoint/sealed-format';
import { sealKey, signingKeys, type TenantKeys } from '../../core/crypto/tenant-keys';
import type { Digest } from '../../drivers/image-store/image-store';
import { type BlockCodec, loadBlockCodec } from './block-codec';
import { ByteReader } from './byte-reader';

export interface OpenJob {
  /** Made by the call; nobody looks at it before the call has succeeded. */
  readonly targetDir: string;
  readonly checkpointId: string;
  readonly meta: CheckpointMeta;
  readonly digest: Digest;
  readonly keys: TenantKeys;
}

/**
 * Verifies a sealed checkpoint and writes its files. Each chunk is authenticated before it is decompressed; the
 * signature and the digest of the whole come last, so the folder counts only when this has returned.
 * @throws PlatformError checkpoint_refused for anything that is not exactly what was sealed for `meta`
 */
export async function openImage(
  job: OpenJob,
  source: AsyncIterable<Buffer>,
  codec: BlockCodec = loadBlockCodec(),
): Promise<void> {
  const reader = new ByteReader(source, () => refusal('it is cut short'));
  const { header, head } = await readHeader(reader);
  assertBelongs(header, job.checkpointId, job.meta);
  const hash = createHash('sha256').update(head);
  const headerHash = createHash('sha256').update(head).digest();
  const key = sealKey(job.keys, Buffer.from(header.salt, 'hex'), job.checkpointId);
  const plain = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  // A clone opens these from inside its user namespace, through a descriptor of the folder; what keeps everybody else
  // out is the folder above, which only root may search.
  mkdirSync(job.targetDir, { mode: 0o711 });
  let index = 0;
  for (const [fileIndex, file] of header.files.entries()) {
    const descriptor = openSync(path.join(job.targetDir, file.name), 'wx', 0o644);
    try {
      for (let left = file.bytes; left > 0; left -= CHUNK_BYTES) {
        const chunk = plain.subarray(0, Math.min(left, CHUNK_BYTES));
        const frame = await reader.take(FRAME_BYTES);
        const stored = frame.readUInt32BE(4);
        if (frame.readUInt32BE(0) !== chunk.length || stored > chunk.length)
          throw refusal('a chunk has a wrong length');
        const rest = await reader.take(TAG_BYTES + stored);
        hash.update(frame).update(rest);
        const decipher = createDecipheriv('aes-256-gcm', key, chunkNonce(index), { authTagLength: TAG_BYTES });
        decipher.setAAD(chunkContext(headerHash, fileIndex, index, frame)).setAuthTag(rest.subarray(0, TAG_BYTES));
        const body = decipher.update(rest.subarray(TAG_BYTES));
        authenticate(() => decipher.final());
        unpack(frame.readUInt8(8), body, chunk, codec);
        writeWhole(descriptor, chunk);
        index += 1;
      }
    } finally {
      closeSync(descriptor);
    }
  }
  const signature = await reader.take(SIGNATURE_BYTES);
  await reader.end(() => refusal('something follows its end'));
  const digest = `sha256:${hash.copy().update(signature).digest('hex')}`;
  const { publicKey } = signingKeys(job.keys.signingSeed);
  if (!verify(null, signedText(hash.digest()), publicKey, signature)) throw refusal('its signature is wrong');
  if (digest !== job.digest) throw refusal(`its digest is ${digest}, not ${job.digest}`);
}

async function readHeader(reader: ByteReader): Promise<{ header: SealedHeader; head: Buffer }> {
  for (let size = 1024; ; size *= 2) {
    const start = await reader.peek(size);
    const parsed = parseHeader(start);
    if (parsed) return { header: parsed.header, head: await reader.take(parsed.length) };
    if (start.length < size) throw refusal('it is cut short');
  }
}

function authenticate(final: () => Buffer): void {
  try {
    final();
  } catch (error) {
    throw refusal('a chunk was altered, or sealed with another key', error);
  }
}

function unpack(codecMark: number, body: Buffer, chunk: Buffer, codec: BlockCodec): void {
  if (codecMark === CODEC_RAW && body.length === chunk.length) body.copy(chunk);
  else if (codecMark === CODEC_LZ4) codec.decompress(body, chunk);
  else throw refusal('a chunk has an unknown form');
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}
