import { hostResolver } from '../../../../../drivers/sandbox/runc/network/host-resolver';

const files = (texts: Record<string, string>) => (file: string) => {
  const text = texts[file];
  if (text === undefined) throw new Error('absent');
  return text;
};

test.each([
  ['a plain one', { '/etc/resolv.conf': 'search x\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n' }, '192.0.2.1'],
  [
    'what stands behind a local one',
    { '/etc/resolv.conf': 'nameserver 127.0.0.53\n', '/run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.9\n' },
    '192.0.2.9',
  ],
  ['none where only the loopback answers', { '/etc/resolv.conf': 'nameserver 127.0.0.1\nnameserver ::1\n' }, null],
  ['none where nothing is set up', {}, null],
])('%s', (_, texts, expected) => {
  expect(hostResolver(files(texts as Record<string, string>))).toBe(expected);
});
