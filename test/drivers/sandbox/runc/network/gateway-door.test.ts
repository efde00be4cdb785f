import { listenerOn } from '../../../../../drivers/sandbox/runc/network/gateway-door';

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::', '127.0.0.1'],
  ['192.0.2.7', '192.0.2.7'],
])('a gateway on %s is reached at %s', (host, address) => {
  expect(listenerOn(host, 8080)).toEqual({ address, port: 8080 });
});

test.each(['::1', '2001:db8::1', 'gateway.test'])('one on %s is not reached by functions', (host) => {
  expect(listenerOn(host, 8080)).toBeNull();
});
