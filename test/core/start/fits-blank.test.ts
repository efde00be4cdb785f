import { fitsBlank } from '../../../core/start/fits-blank';

const plain = { runtime: 'nodejs', codeKind: 'layer', env: {}, secretEnv: {} } as const;

test.each([
  ['a small function', {}, true],
  ['python', { runtime: 'python' }, true],
  ['a name that code reads whenever it likes', { env: { GREETING: 'x', NODE_ENV: 'production' } }, true],
  ['a server of its own', { runtime: 'http' }, false],
  ['an image with a root of its own', { codeKind: 'oci' }, false],
  ['flags for Node.js', { env: { NODE_OPTIONS: '--max-old-space-size=64' } }, false],
  ['something like NODE_ENV', { env: { NODE_ENVIRONMENT_FILE: 'x' } }, false],
  ['a thread pool', { env: { UV_THREADPOOL_SIZE: '8' } }, false],
  ['a time zone', { env: { TZ: 'Europe/Berlin' } }, false],
  ['a preloaded library', { env: { LD_PRELOAD: '/var/task/x.so' } }, false],
  ['a path for Python', { runtime: 'python', env: { PYTHONPATH: '/var/task/lib' } }, false],
  ['a secret that the loader reads', { secretEnv: { LD_LIBRARY_PATH: '/x' } }, false],
] as const)('fits: %s', (_, change, fits) => {
  expect(fitsBlank({ ...plain, ...change })).toBe(fits);
});
