import type { IncomingMessage } from 'node:http';
import { networkSettingsSchema } from '../../../core/network/network-settings';
import { CallerPlaces } from '../../../gateway/invocation/caller-places';

const settings = networkSettingsSchema.parse({
  trusted: ['10.0.0.0/8'],
  users: [
    { cidr: '192.0.2.0/24', region: 'eu' },
    { cidr: '192.0.2.128/25', region: 'us' },
    { cidr: '2001:db8::/32', region: 'asia' },
  ],
});
const request = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ headers, socket: { remoteAddress } }) as unknown as Pick<IncomingMessage, 'headers' | 'socket'>;

const places = new CallerPlaces(settings, 'home');
const region = (...from: Parameters<typeof request>) => places.of(request(...from)).region;

test('the narrowest network that fits says where a caller is; others are where the gateway is', () => {
  expect(region('192.0.2.7')).toBe('eu');
  expect(region('::ffff:192.0.2.200')).toBe('us');
  expect(region('2001:db8::9')).toBe('asia');
  expect(region('203.0.113.1')).toBe('home');
});

test('a proxy on this machine says for whom it speaks', () => {
  expect(region('127.0.0.1', { 'x-forwarded-for': '203.0.113.1, 192.0.2.200' })).toBe('us');
});

test('a header counts only from who is trusted, and only where it is a name', () => {
  expect(region('10.1.2.3', { 'x-presage-region': 'mars' })).toBe('mars');
  expect(region('192.0.2.7', { 'x-presage-region': 'mars' })).toBe('eu');
  expect(region('10.1.2.3', { 'x-presage-region': 'No Name' })).toBe('home');
  const deaf = new CallerPlaces({ ...settings, regionHeader: '' }, 'home');
  expect(deaf.of(request('10.1.2.3', { 'x-presage-region': 'mars' })).region).toBe('home');
});

test('where nothing is said, every caller has one and the same place', () => {
  const plain = new CallerPlaces(networkSettingsSchema.parse({}), 'home');
  expect(plain.of(request('192.0.2.7'))).toBe(plain.of(request('203.0.113.1')));
});
