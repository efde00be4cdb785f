import { loadConfig } from '../../workers/config';
import { gatewayUrl, insideUrl } from '../../workers/gateway-url';

const config = (gateway: object): Parameters<typeof gatewayUrl>[0] => ({
  gateway: { ...loadConfig().gateway, host: '127.0.0.1', port: 8080, ...gateway },
});

test('clients and functions come to the same door', () => {
  expect(gatewayUrl(config({}))).toBe('http://127.0.0.1:8080');
  expect(insideUrl(config({ host: '0.0.0.0' }))).toBe('http://127.0.0.1:8080');
  expect(gatewayUrl(config({ host: '::1' }))).toBe('http://[::1]:8080');
});

test('with TLS functions have one of their own, on loopback whatever the gateway listens on', () => {
  const tls = { cert: 'c', key: 'k', minVersion: 'TLSv1.2', insidePort: 8081 };
  expect(gatewayUrl(config({ host: '0.0.0.0', tls }))).toBe('https://127.0.0.1:8080');
  expect(insideUrl(config({ host: '0.0.0.0', tls }))).toBe('http://127.0.0.1:8081');
});
