import { z } from 'zod';
import { PlatformError } from '../error/platform-error';

/**
 * A sealed checkpoint, in order:
 * - `PRSGCKP1`, the header's length (u32, big-endian), the header as JSON;
 * - for each file in turn its chunks of 1 MiB (the last one shorter): frame (plain length u32, stored length u32, codec
 *   u8), GCM tag (16 bytes), AES-256-GCM ciphertext of the LZ4 block;
 * - an Ed25519 signature (64 bytes) over the SHA-256 of all before it.
 * Chunk n is encrypted with nonce n under a key that only this sealing has; its associated data ties it to the header
 * (hence tenant, checkpoint and host), its place and its lengths.
 */
const MAGIC = Buffer.from('PRSGCKP1');
const PREFIX_BYTES = MAGIC.length + 4;
const MAX_HEADER_BYTES = 1024 * 1024;
const PAGE_BYTES = 4096;
export const CHUNK_BYTES = 1024 * 1024;
export const FRAME_BYTES = 9;
export const TAG_BYTES = 16;
export const SIGNATURE_BYTES = 64;
/** A chunk that does not shrink is stored as it is. */
export const CODEC_RAW = 0;
export const CODEC_LZ4 = 1;

/** What a checkpoint belongs to; sealed into it, and compared before it is loaded again. */
export const checkpointMetaSchema = z.object({
  tenant: z.string(),
  revisionId: z.string(),
  codeDigest: z.string(),
  /** SandboxDriver.hostKey of the machine that made it. */
  hostKey: z.string(),
});
export type CheckpointMeta = z.infer<typeof checkpointMetaSchema>;

export const imageFileSchema = z.object({
  /** A plain name: images are flat folders. */
  name: z.string().regex(/^(?!\.{1,2}$)[\w.+-]{1,255}$/),
  bytes: z.number().int().min(0),
});
export type ImageFile = z.infer<typeof imageFileSchema>;

const headerSchema = checkpointMetaSchema.extend({
  checkpointId: z.string(),
  /** 32 random bytes, hex. */
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  files: z.array(imageFileSchema).max(10_000),
});
export type SealedHeader = z.infer<typeof headerSchema>;

export function encodeHeader(header: SealedHeader): Buffer {
  const json = Buffer.from(JSON.stringify(headerSchema.parse(header)));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32BE(json.length, MAGIC.length);
  return Buffer.concat([prefix, json]);
}

/**
 * The header at the start of `bytes` and how long it is; null when more bytes are needed.
 * @throws PlatformError checkpoint_refused when this is no sealed checkpoint
 */
export function parseHeader(bytes: Buffer): { readonly header: SealedHeader; readonly length: number } | null {
  if (bytes.length < PREFIX_BYTES) return null;
  const jsonBytes = bytes.readUInt32BE(MAGIC.length);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || jsonBytes > MAX_HEADER_BYTES) {
    throw refusal('it does not start like a sealed checkpoint of this version');
  }
  const length = PREFIX_BYTES + jsonBytes;
  if (bytes.length < length) return null;
  try {
    const header = headerSchema.parse(JSON.parse(bytes.toString('utf8', PREFIX_BYTES, length)));
    const names = new Set(header.files.map((file) => file.name));
    if (names.size !== header.files.length) throw new Error('two files have one name');
    return { header, length };
  } catch (error) {
    throw refusal('its header is damaged', error);
  }
}

/** @throws PlatformError checkpoint_refused naming the first thing that differs */
export function assertBelongs(header: SealedHeader, checkpointId: string, meta: CheckpointMeta): void {
  if (header.checkpointId !== checkpointId) throw refusal('it is another checkpoint');
  assertSameMeta(header, meta);
}

/** @throws PlatformError checkpoint_refused naming the first thing that differs */
export function assertSameMeta(sealed: CheckpointMeta, meta: CheckpointMeta): void {
  if (sealed.tenant !== meta.tenant) throw refusal('it belongs to another tenant');
  if (sealed.codeDigest !== meta.codeDigest) throw refusal('it was made from other code');
  if (sealed.revisionId !== meta.revisionId) throw refusal('it was made from another revision');
  if (sealed.hostKey !== meta.hostKey) throw refusal('it was made on a host that differs from this one');
}

/** Memory that a raw image takes: whole pages for each file. */
export function imageBytes(files: readonly ImageFile[]): number {
  return files.reduce((sum, file) => sum + Math.ceil(file.bytes / PAGE_BYTES) * PAGE_BYTES, 0);
}

/** Nonce of the nth chunk of a sealing, counted from 0 over all files. */
export function chunkNonce(index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 4);
  return nonce;
}

/** Associated data of a chunk: the header's hash, its place, and its frame. */
export function chunkContext(headerHash: Buffer, fileIndex: number, chunkIndex: number, frame: Buffer): Buffer {
  const place = Buffer.alloc(12);
  place.writeUInt32BE(fileIndex, 0);
  place.writeBigUInt64BE(BigInt(chunkIndex), 4);
  return Buffer.concat([headerHash, place, frame]);
}

/** What is signed: a word that says what the hash is of, then the hash. */
export function signedText(hash: Buffer): Buffer {
  return Buffer.concat([Buffer.from('presage sealed checkpoint v1\n'), hash]);
}

/** The refusal of a checkpoint, in words that a tenant may read. */
export function refusal(why: string, cause?: unknown): PlatformError {
  return new PlatformError('checkpoint_refused', `The checkpoint was refused: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'The function starts without it; a new checkpoint is made after its next deploy or first request.',
  });
}
