import { sandboxSpecOf } from '../../../agent/code/sandbox-spec';
import type { ImageConfig } from '../../../core/function/image-config';
import { testRunSpec } from '../../drivers/sandbox/run-spec';

const image: ImageConfig = {
  entrypoint: ['/bin/server'],
  cmd: ['--port', '80'],
  env: { FROM_IMAGE: 'yes', SHARED: 'image' },
  workingDir: '/srv',
  exposedPorts: [80],
  user: '',
};
const code = { dir: () => Promise.resolve('/code'), imageConfig: () => Promise.resolve(image) };
const oci = { ...testRunSpec('nodejs'), runtime: 'http' as const, handler: null, codeKind: 'oci' as const };

test('an image’s command, environment and folder are taken, the function’s own go first', async () => {
  const spec = await sandboxSpecOf(code, 'i1', { ...oci, command: null, env: { SHARED: 'function' } });
  expect(spec.run.command).toEqual(['/bin/server', '--port', '80']);
  expect(spec.run.env).toEqual({ FROM_IMAGE: 'yes', SHARED: 'function' });
  expect(spec.workingDir).toBe('/srv');
});

test('the function’s command stands in for the image’s', async () => {
  const spec = await sandboxSpecOf(code, 'i1', { ...oci, command: ['--port', '8080'] });
  expect(spec.run.command).toEqual(['/bin/server', '--port', '8080']);
});

test('a layer is run as its manifest says', async () => {
  const run = testRunSpec('nodejs');
  expect(await sandboxSpecOf(code, 'i1', run)).toEqual({ id: 'i1', run, codeDir: '/code' });
});
