import { addressBits, contains, parseNetwork } from '../../../core/network/cidr';

const inside = (cidr: string, address: string): boolean => {
  const [network, bits] = [parseNetwork(cidr), addressBits(address)];
  if (!network || bits === undefined) throw new Error('not read');
  return contains(network, bits);
};

test.each([
  ['10.0.0.0/8', '10.200.3.4', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:1::9', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['::1/128', '::1', true],
  ['192.0.2.7/32', '192.0.2.7', true],
  ['fe80::/10', 'fe80::1%eth0', true],
])('%s holds %s: %s', (cidr, address, expected) => {
  expect(inside(cidr, address)).toBe(expected);
});

test.each([
  '10.0.0.0',
  '10.0.0.0/33',
  '256.0.0.0/8',
  '::1::2/64',
  '1:2:3/64',
  'fd00::/129',
  'g::/8',
  '10.0.0.0/8/9',
  '',
])('"%s" is no network', (text) => {
  expect(parseNetwork(text)).toBeUndefined();
});
