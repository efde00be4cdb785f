import { z } from 'zod';

/** A network: addresses that begin with the same bits. IPv4 counts as the part `::ffff:0:0/96` of IPv6. */
export interface Network {
  readonly bits: bigint;
  /** How many of the 128 bits count. */
  readonly length: number;
}

const V4_PREFIX = 0xffffn << 32n;

/** An address as its 128 bits; undefined for what is none. */
export function addressBits(text: string): bigint | undefined {
  const v4 = v4Bits(text);
  if (v4 !== undefined) return V4_PREFIX | v4;
  return v6Bits(text.split('%', 1)[0] ?? '');
}

/** `10.0.0.0/8` or `fd00::/8`; undefined for what is none. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', size = '', ...rest] = text.split('/');
  const bits = addressBits(address);
  if (bits === undefined || rest.length > 0 || !/^\d{1,3}$/.test(size)) return undefined;
  const given = Number(size);
  const length = address.includes(':') ? given : given + 96;
  return length > 128 || (!address.includes(':') && given > 32) ? undefined : { bits, length };
}

export function contains({ bits, length }: Network, address: bigint): boolean {
  const shift = BigInt(128 - length);
  return bits >> shift === address >> shift;
}

export const cidrSchema = z
  .string()
  .refine((text) => parseNetwork(text) !== undefined, 'must be a network such as 10.0.0.0/8 or fd00::/8');

function v4Bits(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const bytes = match.slice(1).map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes.reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n) : undefined;
}

function v6Bits(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const v4 = v4Bits(dotted[2] ?? '');
    if (v4 === undefined) return undefined;
    return v6Bits(`${dotted[1] ?? ''}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const gap = 8 - left.length - right.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
