import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Registry } from 'prom-client';
import type { Namespace } from 'kubernetes-types/core/v1';
import { toPlatformError } from '../../../../core/error/platform-error';
import { DEPLOYMENTS, NAMESPACES, NODES, PODS, SERVICE_ACCOUNTS } from '../../../../drivers/kubernetes/resources';
import { RestKubernetesApi } from '../../../../drivers/kubernetes/rest/rest-kubernetes-api';
import { describeKubernetesApi } from '../../../drivers/kubernetes/kubernetes-api-contract';
import type { LocalKubernetes } from '../../../../bench/kubernetes/local-kubernetes';
import type { SharedKubernetes } from '../../support/shared-kubernetes';

/** The client keeps its contract, and tells what is wrong. */
export function describeClient(shared: () => SharedKubernetes): void {
  describe('the client of a real API server', () => {
    let local: LocalKubernetes;
    let api: RestKubernetesApi;

    beforeAll(() => void ({ local, api } = shared()));

    describeKubernetesApi('the client', () => api);

    const code = (name: string): unknown => expect.objectContaining({ code: name });

    test('what a schema refuses is said with all its problems', async () => {
      const refused = api.create(DEPLOYMENTS, {
        metadata: { name: 'Not A Name', namespace: 'default' },
        spec: {
          replicas: -1,
          selector: { matchLabels: { a: 'b' } },
          template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: '' }] } },
        },
      });
      await expect(refused).rejects.toEqual(code('invalid_argument'));
      const { problems } = toPlatformError(await refused.catch((error: unknown) => error));
      expect(problems.map(({ path }) => path)).toEqual(
        expect.arrayContaining(['metadata.name', 'spec.replicas', 'spec.template.spec.containers[0].image']),
      );
    });

    test('who has no role is told what it was that is not allowed', async () => {
      await api.create(NAMESPACES, { metadata: { name: 'roleless' } } satisfies Namespace);
      await api.create(SERVICE_ACCOUNTS, { metadata: { name: 'nobody', namespace: 'roleless' } });
      const kubeconfig = await local.serviceAccountKubeconfig('roleless', 'nobody');
      const nobody = await RestKubernetesApi.open({ kubeconfig });
      expect(nobody.namespace).toBe('roleless');
      await expect(nobody.list(NODES)).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('system:serviceaccount:roleless:nobody'),
        hint: expect.stringContaining('role'),
      });
      await nobody.close();
    });

    test('a token that is none, an authority that is another, an address where nobody answers', async () => {
      const caFile = path.join(local.folder, 'pki', 'apiserver.crt');
      const tokenFile = path.join(local.folder, 'wrong-token');
      writeFileSync(tokenFile, 'wrong');
      const stranger = await RestKubernetesApi.open({ server: local.url, caFile, tokenFile });
      await expect(stranger.list(NODES)).rejects.toEqual(code('unauthenticated'));
      const unsure = await RestKubernetesApi.open({ server: local.url, tokenFile });
      await expect(unsure.list(NODES)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('CERT'),
      });
      const alone = await RestKubernetesApi.open({ server: 'https://127.0.0.1:1', caFile, tokenFile });
      await expect(alone.list(NODES)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('ECONNREFUSED'),
      });
      expect(await alone.calls.counts()).toEqual([{ verb: 'list', resource: 'nodes', code: 'none', count: 1 }]);
      await Promise.all([stranger, unsure, alone].map((one) => one.close()));
    });

    test('settings that lead nowhere say why', async () => {
      const invalid = { code: 'invalid_argument', hint: expect.stringContaining('kubernetes.kubeconfig') };
      await expect(RestKubernetesApi.open({ kubeconfig: '/nowhere/config' })).rejects.toMatchObject({
        ...invalid,
        message: expect.stringContaining('/nowhere/config'),
      });
      await expect(RestKubernetesApi.open({ server: 'somewhere' })).rejects.toMatchObject(invalid);
      const kubeconfig = local.kubeconfig();
      await expect(RestKubernetesApi.open({ kubeconfig, context: 'other' })).rejects.toMatchObject({
        ...invalid,
        message: expect.stringContaining('presage-local'),
      });
    });

    test('calls are counted by verb, resource and status, for all clients of one registry together', async () => {
      const registry = new Registry();
      const [one, two] = [await local.api('admin', registry), await local.api('admin', registry)];
      await one.list(PODS, { namespace: 'default' });
      await two.list(PODS, { namespace: 'default' });
      await two.find(PODS, { name: 'nobody', namespace: 'default' });
      const informer = one.watch(PODS);
      await informer.synced;
      await informer.stop();
      const counts = await two.calls.counts();
      expect(counts).toEqual(
        expect.arrayContaining([
          { verb: 'list', resource: 'pods', code: '200', count: 3 },
          { verb: 'get', resource: 'pods', code: '404', count: 1 },
        ]),
      );
      expect(await registry.metrics()).toContain(
        'presage_kubernetes_calls_total{verb="get",resource="pods",code="404"} 1',
      );
      await Promise.all([one.close(), two.close()]);
    });
  });
}
