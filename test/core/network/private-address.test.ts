import { isPrivateAddress } from '../../../core/network/private-address';

test.each([
  '127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '198.19.0.1',
  '224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', 'fd00::1', 'fe80::1%eth0', 'ff02::1',
  '64:ff9b::7f00:1', 'localhost', '',
])('"%s" is', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
}); // prettier-ignore

test.each(['8.8.8.8', '172.32.0.1', '192.169.0.1', '2001:4860:4860::8888', '::ffff:8.8.8.8', '100.128.0.1'])(
  '"%s" is not',
  (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  },
);
