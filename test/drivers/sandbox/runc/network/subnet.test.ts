import fc from 'fast-check';
import {
  addressText,
  closedHalf,
  gatewayOf,
  nextSubnet,
  overlaps,
  parseAddress,
  parseSubnet,
  sizeOf,
  subnetText,
} from '../../../../../drivers/sandbox/runc/network/subnet';

test('reads and writes subnets', () => {
  expect(subnetText(parseSubnet('10.203.7.9/16'))).toBe('10.203.0.0/16');
  expect(gatewayOf(parseSubnet('192.168.4.0/24'))).toBe('192.168.4.1');
  expect(subnetText(closedHalf(parseSubnet('10.203.0.0/16')))).toBe('10.203.128.0/17');
  expect(subnetText(nextSubnet(parseSubnet('10.203.0.0/16')))).toBe('10.204.0.0/16');
});

test.each(['10.0.0.0', '10.0.0.0/8', '10.0.0.0/25', '300.0.0.0/16', 'a/16'])('%s is refused', (text) => {
  expect(() => parseSubnet(text)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
});

test('addresses survive the way there and back; overlap means a common address', () => {
  const subnets = fc
    .tuple(fc.nat(2 ** 32 - 1), fc.integer({ min: 16, max: 24 }))
    .map(([base, bits]) => parseSubnet(`${addressText(base)}/${bits}`));
  fc.assert(
    fc.property(subnets, subnets, fc.nat(2 ** 32 - 1), (one, other, address) => {
      expect(parseAddress(addressText(address))).toBe(address);
      const starts = [one.base, other.base].some((base) =>
        [one, other].every((subnet) => base >= subnet.base && base < subnet.base + sizeOf(subnet)),
      );
      expect(overlaps(one, other)).toBe(starts);
    }),
  );
});
