import { CodeTokens } from '../../../../drivers/sandbox/kubernetes/code-token';
import { createKubernetesDriver } from '../../../../drivers/sandbox/kubernetes/kubernetes-driver';
import { PodBook } from '../../../../drivers/sandbox/kubernetes/pod-book';
import { PodCalls } from '../../../../drivers/sandbox/kubernetes/pod-calls';
import { MemoryKubernetes } from '../../../fakes/memory-kubernetes';
import { testRunSpec } from '../run-spec';
import { podSettings } from './pod-settings';

const driver = createKubernetesDriver({
  node: { name: 'edge-0', tolerations: [] },
  calls: new PodCalls(new MemoryKubernetes(), podSettings('functions')),
  book: new PodBook(),
  tokens: new CodeTokens(Buffer.alloc(32, 1)),
  checkpoints: null,
  noCheckpoints: 'There is no registry here',
  functionImages: null,
  logs: null,
  stateDir: '/nowhere',
  log: { info: () => undefined, warn: () => undefined },
});
const spec = { id: 'one', run: testRunSpec('nodejs'), codeDir: '/nowhere' };

// Callers take a failure as a rejected promise: one that is thrown at once fails the figures of a whole node.
test('an instance that is unknown, or not started yet, rejects', async () => {
  const stats = driver.stats('unknown').catch((error: unknown) => error);
  expect(await stats).toMatchObject({ code: 'not_found' });
  await expect(driver.start('unknown')).rejects.toMatchObject({ code: 'not_found' });
  await driver.create(spec);
  const again = driver.create(spec).catch((error: unknown) => error);
  expect(await again).toMatchObject({ code: 'conflict' });
  await driver.destroy(spec.id);
});

test('what it cannot do is refused as unsupported, with the reason', async () => {
  await expect(driver.pause('one')).rejects.toMatchObject({ code: 'unsupported' });
  await expect(driver.startBlank('b', { runtime: 'nodejs', network: 'none' })).rejects.toMatchObject({
    code: 'unsupported',
  });
  await expect(driver.restore(spec, '/nowhere')).rejects.toMatchObject({
    code: 'unsupported',
    message: 'There is no registry here',
  });
  expect(await driver.capabilities()).toMatchObject({ pause: false, checkpoint: false, restore: false, blanks: false });
});
