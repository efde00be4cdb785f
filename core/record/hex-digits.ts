const NO_DIGIT = 255;
/** The value of each lower-case digit by its character. */
const VALUES = new Uint8Array(128).fill(NO_DIGIT);
for (const [value, digit] of [...'0123456789abcdef'].entries()) VALUES[digit.charCodeAt(0)] = value;

/**
 * Writes lower-case digits as bytes, two each.
 * @returns false where there is something else among them
 */
export function writeHex(text: string, from: number, to: Uint8Array, at: number, bytes: number): boolean {
  for (let i = 0; i < bytes; i++) {
    const high = VALUES[text.charCodeAt(from + 2 * i)] ?? NO_DIGIT;
    const low = VALUES[text.charCodeAt(from + 2 * i + 1)] ?? NO_DIGIT;
    if (high === NO_DIGIT || low === NO_DIGIT) return false;
    to[at + i] = (high << 4) | low;
  }
  return true;
}

export function readHex(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('hex');
}

/** The number that lower-case digits are; NaN where there is something else among them. Exact up to 13 digits. */
export function hexNumber(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? NO_DIGIT;
    if (value === NO_DIGIT) return Number.NaN;
    number = number * 16 + value;
  }
  return number;
}
