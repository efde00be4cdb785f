import { PlatformError } from '../../../../core/error/platform-error';

/** A range of IPv4 addresses. */
export interface Subnet {
  /** First address as a number. */
  readonly base: number;
  /** Length of the prefix in bits. */
  readonly bits: number;
}

export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

export function parseAddress(text: string): number {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) {
    throw new PlatformError('invalid_argument', `"${text}" is not an IPv4 address`);
  }
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** `10.203.0.0/16`; 16 to 24 bits. @throws PlatformError invalid_argument */
export function parseSubnet(text: string): Subnet {
  const [address = '', bits = ''] = text.split('/');
  const length = Number(bits);
  if (!Number.isInteger(length) || length < 16 || length > 24) {
    throw new PlatformError('invalid_argument', `"${text}" is not a subnet with 16 to 24 bits, e.g. 10.203.0.0/16`);
  }
  const size = 2 ** (32 - length);
  return { base: Math.floor(parseAddress(address) / size) * size, bits: length };
}

export function subnetText(subnet: Subnet): string {
  return `${addressText(subnet.base)}/${subnet.bits}`;
}

export function sizeOf(subnet: Subnet): number {
  return 2 ** (32 - subnet.bits);
}

export function overlaps(one: Subnet, other: Subnet): boolean {
  return one.base < other.base + sizeOf(other) && other.base < one.base + sizeOf(one);
}

/** The next range of the same size. */
export function nextSubnet(subnet: Subnet): Subnet {
  return { base: subnet.base + sizeOf(subnet), bits: subnet.bits };
}

/** The host's end of every link. */
export function gatewayOf(subnet: Subnet): string {
  return addressText(subnet.base + 1);
}

/** The half whose instances may not call out, as a range for the packet filter. */
export function closedHalf(subnet: Subnet): Subnet {
  return { base: subnet.base + sizeOf(subnet) / 2, bits: subnet.bits + 1 };
}
