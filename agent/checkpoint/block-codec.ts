import { createRequire } from 'node:module';
import { compressSync, uncompressSync } from 'lz4-napi';

/** Raw LZ4 blocks; the drivers below write and read the same format, so that either opens what the other sealed. */
export interface BlockCodec {
  readonly name: 'lz4' | 'lz4-napi';
  /** Largest block that `bytes` of input can become. */
  bound(bytes: number): number;
  /** Compresses into `output`, which is at least `bound` long; the length of the block. */
  compress(input: Buffer, output: Buffer): number;
  /** Decompresses into `output`, which is exactly as long as the plain text. @throws Error on a damaged block */
  decompress(block: Buffer, output: Buffer): void;
}

interface NativeLz4 {
  encodeBound(bytes: number): number;
  encodeBlock(input: Buffer, output: Buffer): number;
  decodeBlock(input: Buffer, output: Buffer): number;
}

/** The fastest codec on this machine: `lz4` where a compiler could build it, else the prebuilt `lz4-napi`. */
export function loadBlockCodec(): BlockCodec {
  return lz4Codec() ?? lz4NapiCodec();
}

/** Null where the native module is not installed or does not load. */
export function lz4Codec(): BlockCodec | null {
  let native: NativeLz4;
  try {
    native = createRequire(__filename)('lz4') as NativeLz4;
  } catch {
    return null;
  }
  return {
    name: 'lz4',
    bound: (bytes) => native.encodeBound(bytes),
    compress: (input, output) => native.encodeBlock(input, output),
    decompress: (block, output) => assertLength(native.decodeBlock(block, output), output),
  };
}

/** It puts the plain length (u32, little-endian) before each block; the sealed format has its own. */
export function lz4NapiCodec(): BlockCodec {
  return {
    name: 'lz4-napi',
    bound: (bytes) => Math.ceil(bytes * 1.1) + 32,
    compress: (input, output) => compressSync(input).copy(output, 0, 4),
    decompress: (block, output) => {
      const prefixed = Buffer.allocUnsafe(block.length + 4);
      prefixed.writeUInt32LE(output.length);
      block.copy(prefixed, 4);
      assertLength(uncompressSync(prefixed).copy(output), output);
    },
  };
}

function assertLength(length: number, output: Buffer): void {
  if (length !== output.length) throw new Error(`an LZ4 block gave ${length} bytes instead of ${output.length}`);
}
