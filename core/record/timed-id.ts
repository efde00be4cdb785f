import { hexNumber, readHex, writeHex } from './hex-digits';

/** Bytes of an invocation's id beside its time: `TTTTTTTT-TTTT-7RRR-RRRR-RRRRRRRRRRRR`. */
export const LOT_BYTES = 10;
const LENGTH = 36;

/** The time in an id of ours, a UUID of version 7: Unix milliseconds; null where it is another id. */
export function timeOfId(id: string): number | null {
  if (id.length !== LENGTH || id[8] !== '-' || id[13] !== '-' || id[18] !== '-' || id[23] !== '-') return null;
  if (id[14] !== '7') return null;
  const time = hexNumber(id, 0, 8) * 2 ** 16 + hexNumber(id, 9, 13);
  return Number.isNaN(time) ? null : time;
}

/** Writes what an id of ours is beside its time. @returns false where it is not written as ours are */
export function writeLot(id: string, to: Uint8Array, at: number): boolean {
  return writeHex(id, 14, to, at, 2) && writeHex(id, 19, to, at + 2, 2) && writeHex(id, 24, to, at + 4, 6);
}

/** The id that has this time and the rest that was written. */
export function idOf(time: number, bytes: Uint8Array, at: number): string {
  const head = time.toString(16).padStart(12, '0');
  const lot = readHex(bytes, at, at + LOT_BYTES);
  return `${head.slice(0, 8)}-${head.slice(8)}-${lot.slice(0, 4)}-${lot.slice(4, 8)}-${lot.slice(8)}`;
}
