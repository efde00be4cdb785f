import type { ConfigMap } from 'kubernetes-types/core/v1';
import { Registry } from 'prom-client';
import { namespacedType } from '../../../../drivers/kubernetes/resource-type';
import type { RestKubernetesApi } from '../../../../drivers/kubernetes/rest/rest-kubernetes-api';
import { eventually } from '../../../integration/support/eventually';
import type { LocalKubernetes } from '../../../../bench/kubernetes/local-kubernetes';
import type { SharedKubernetes } from '../../support/shared-kubernetes';

const CONFIG_MAPS = namespacedType<ConfigMap>('v1', 'ConfigMap', 'configmaps');
const namespace = 'default';

/** Informers miss nothing, whatever becomes of the API server. */
export function describeInformers(shared: () => SharedKubernetes): void {
  describe('informers of a real API server', () => {
    let local: LocalKubernetes;
    let api: RestKubernetesApi;
    let registry: Registry;

    beforeAll(() => void ({ local } = shared()));
    beforeEach(async () => {
      registry = new Registry();
      api = await local.api('admin', registry);
    });
    afterEach(() => api.close());

    const create = (name: string): Promise<unknown> => api.create(CONFIG_MAPS, { metadata: { name, namespace } });
    const remove = (name: string): Promise<void> => api.delete(CONFIG_MAPS, { name, namespace });

    /** An informer that writes down what it is told, of names that begin so. */
    async function watchMaps(prefix: string) {
      const seen: string[] = [];
      const troubles: string[] = [];
      const informer = api.watch(CONFIG_MAPS, {
        namespace,
        onChange: ({ type, object: { metadata } }) => {
          if (metadata?.name?.startsWith(prefix)) seen.push(`${type} ${metadata.name}`);
        },
        onError: ({ code }) => troubles.push(code),
      });
      await informer.synced;
      const has = (change: string): Promise<unknown> =>
        eventually(async () => (seen.includes(change) ? true : undefined), change);
      return { informer, seen, troubles, has };
    }

    /** Commands of etcd's own HTTP interface. */
    async function etcd(path: string, body: object): Promise<Record<string, unknown>> {
      const answer = await fetch(`${local.etcdUrl}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
      expect(answer.status).toBe(200);
      return (await answer.json()) as Record<string, unknown>;
    }

    test('an informer goes on after kill -9 of the API server, and misses nothing', async () => {
      await create('kill-a');
      const { informer, seen, troubles, has } = await watchMaps('kill-');
      await local.end('kube-apiserver', 'SIGKILL');
      await expect(create('kill-b')).rejects.toMatchObject({ code: 'unavailable' });
      await eventually(async () => (troubles.length > 0 ? true : undefined), 'the informer to notice');
      await local.startAgain('kube-apiserver');
      await create('kill-c');
      await remove('kill-a');
      await has('removed kill-a');
      expect(seen).toEqual(['added kill-a', 'added kill-c', 'removed kill-a']);
      expect(new Set(troubles)).toEqual(new Set(['unavailable']));
      await informer.stop();
    });

    test('what happened while it was away and is not kept any more is found by a list', async () => {
      for (const name of ['compact-a', 'compact-b']) await create(name);
      const { informer, seen, has } = await watchMaps('compact-');
      await local.end('kube-apiserver', 'SIGKILL');
      const key = Buffer.from(`/registry/configmaps/${namespace}/compact-a`).toString('base64');
      const { header } = await etcd('deleterange', { key });
      await etcd('compaction', { revision: (header as { revision: string }).revision, physical: true });
      await local.startAgain('kube-apiserver');
      await has('removed compact-a');
      await create('compact-c');
      await has('added compact-c');
      expect(seen.slice(2)).toEqual(['removed compact-a', 'added compact-c']);
      expect(await registry.metrics()).toContain('presage_kubernetes_relists_total{resource="configmaps"} 1');
      await informer.stop();
    });

    test('it costs one list and one watch, however much changes', async () => {
      const { informer, seen } = await watchMaps('count-');
      const names = Array.from({ length: 200 }, (_, index) => `count-${index}`);
      await Promise.all(names.map(create));
      await Promise.all(names.map(remove));
      await eventually(async () => (seen.length === 400 ? true : undefined), '400 changes');
      const counts = (await api.calls.counts()).filter(({ verb }) => verb === 'list' || verb === 'watch');
      expect(counts).toEqual([
        { verb: 'list', resource: 'configmaps', code: '200', count: 1 },
        { verb: 'watch', resource: 'configmaps', code: '200', count: 1 },
      ]);
      await informer.stop();
    });
  });
}
