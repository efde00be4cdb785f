import { PlatformError } from '../error/platform-error';

/** Version of the form, checksum, number of calls. */
export const HEAD_BYTES = 9;
/** The newest; the first had no pricing among its names. */
const VERSION = 2;

/** Room for `length` bytes after the head, each of which is to be written. */
export function newPart(length: number): DataView {
  // Small ones share memory: thousands of functions with few calls each would keep the collector busy.
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Fills the head in when all else is written. */
export function sealPart(part: DataView, calls: number): Uint8Array {
  const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  part.setUint8(0, VERSION);
  part.setUint32(5, calls, true);
  part.setUint32(1, checksum(bytes), true);
  return bytes;
}

/** @throws PlatformError internal for bytes that are not whole, or not of so many calls, or of a version that is not known */
export function openPart(bytes: Uint8Array, calls: number): DataView {
  const part = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD_BYTES || versionOf(part) < 1 || versionOf(part) > VERSION) {
    throw new PlatformError('internal', 'A block of invocations has a form that is not known');
  }
  if (part.getUint32(1, true) !== checksum(bytes) || part.getUint32(5, true) !== calls) {
    throw new PlatformError('internal', 'A block of invocations has been altered');
  }
  return part;
}

/** The version of the form that a part is written in. */
export function versionOf(part: DataView): number {
  return part.getUint8(0);
}

/** Over the version, from the second on, and all that follows the checksum, four bytes at a time; each step can be undone, so no single change goes unseen. */
function checksum(bytes: Uint8Array): number {
  const words = Math.floor((bytes.length - 5) / 4);
  const version = bytes[0] as number;
  let sum = version === 1 ? bytes.length : mixed(bytes.length, version);
  let at = 5;
  for (let i = 0; i < words; i++, at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    sum = mixed(sum, word);
  }
  for (; at < bytes.length; at++) sum = mixed(sum, bytes[at] as number);
  return sum >>> 0;
}

/** A step of MurmurHash3. */
function mixed(sum: number, word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51);
  const added = sum ^ Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
  return (Math.imul((added << 13) | (added >>> 19), 5) + 0xe6546b64) | 0;
}
