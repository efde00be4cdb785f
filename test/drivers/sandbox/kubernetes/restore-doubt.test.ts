import { restoreDoubt } from '../../../../drivers/sandbox/kubernetes/kubernetes-driver';

test.each([
  'containerd://2.1.0',
  'containerd://2.1.9+unknown',
  'containerd://3.0.1',
  'cri-o://1.25.0',
  'cri-o://v1.33.1',
])('%s restores', (runtime) => expect(restoreDoubt(runtime)).toBeNull());

test.each(['containerd://1.7.27', 'containerd://2.0.5', 'docker://27.0', 'cri-o://1.24.9', ''])(
  '%s is not known to, and that is said',
  (runtime) => expect(restoreDoubt(runtime)).toContain('does not restore pods'),
);
