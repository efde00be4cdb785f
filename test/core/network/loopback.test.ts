import { isLoopback } from '../../../core/network/loopback';

test.each(['127.0.0.1', '127.8.0.1', '::1', '[::1]', 'localhost'])('%s is this machine', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com', 'db', '::10'])(
  '%s may be another',
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);
