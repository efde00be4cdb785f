import { addressBits, contains, parseNetwork, type Network } from './cidr';

/** Addresses that mean something else, or nothing, to those outside: loopback, private, link-local, carrier, test and group networks. */
const NETWORKS: readonly Network[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  '::/127',
  '64:ff9b::/96',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
].flatMap((text) => parseNetwork(text) ?? []);

/** Is it an address that not everybody on the Internet may be reached by? What is no address counts as one. */
export function isPrivateAddress(address: string): boolean {
  const bits = addressBits(address);
  return bits === undefined || NETWORKS.some((network) => contains(network, bits));
}
