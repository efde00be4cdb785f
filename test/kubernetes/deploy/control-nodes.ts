import { assetPath } from '../../../drivers/asset-path';
import { DEPLOYMENTS, NODES, PODS, SECRETS } from '../../../drivers/kubernetes/resources';
import { RestKubernetesApi } from '../../../drivers/kubernetes/rest/rest-kubernetes-api';
import { applyManifest } from '../support/apply-manifest';
import type { SharedKubernetes } from '../support/shared-kubernetes';

/** What the control worker may do by deploy/kubernetes/control-nodes.yaml. */
export function describeControlNodes(shared: () => SharedKubernetes): void {
  describe('deploy/kubernetes/control-nodes.yaml', () => {
    let control: RestKubernetesApi;

    beforeAll(async () => {
      const { local, api } = shared();
      await applyManifest(api, assetPath('deploy/kubernetes/control-nodes.yaml'));
      const kubeconfig = await local.serviceAccountKubeconfig('presage', 'presage-control');
      control = await RestKubernetesApi.open({ kubeconfig });
    }, 120_000);
    afterAll(async () => {
      await control?.close();
    });

    const forbidden = expect.objectContaining({ code: 'forbidden' });

    test('the control worker reads nodes, and follows them', async () => {
      expect((await control.list(NODES)).items).toHaveLength(12);
      const informer = control.watch(NODES);
      await informer.synced;
      await informer.stop();
      expect(await control.calls.counts()).toEqual(
        expect.arrayContaining([expect.objectContaining({ verb: 'list', resource: 'nodes', code: '200' })]),
      );
    });

    test.each<[string, () => Promise<unknown>]>([
      ['changes no node', () => control.patch(NODES, { name: 'a' }, { spec: { unschedulable: true } })],
      ['takes no node away', () => control.delete(NODES, { name: 'a' })],
      ['reads no secrets', () => control.list(SECRETS, { namespace: 'presage' })],
      ['reads no pods', () => control.list(PODS)],
      ['makes no deployments', () => control.create(DEPLOYMENTS, { metadata: { name: 'a', namespace: 'presage' } })],
      [
        'asks no kubelet',
        () => control.raw({ method: 'GET', path: '/api/v1/nodes/a/proxy/pods', verb: 'get', resource: 'nodes/proxy' }),
      ],
      [
        'gives itself no rights',
        () =>
          control.raw({
            method: 'POST',
            path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
            body: {
              apiVersion: 'rbac.authorization.k8s.io/v1',
              kind: 'ClusterRoleBinding',
              metadata: { name: 'all' },
              roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
              subjects: [{ kind: 'ServiceAccount', name: 'presage-control', namespace: 'presage' }],
            },
            verb: 'create',
            resource: 'clusterrolebindings',
          }),
      ],
    ])('it %s', async (_, attempt) => {
      await expect(attempt()).rejects.toEqual(forbidden);
    });
  });
}
