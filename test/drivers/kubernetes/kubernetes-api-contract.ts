import type { ConfigMap } from 'kubernetes-types/core/v1';
import type { Deployment } from 'kubernetes-types/apps/v1';
import type { KubernetesApi, ObjectChange } from '../../../drivers/kubernetes/kubernetes-api';
import { namespacedType } from '../../../drivers/kubernetes/resource-type';
import { DEPLOYMENTS } from '../../../drivers/kubernetes/resources';
import { eventually } from '../../integration/support/eventually';

const CONFIG_MAPS = namespacedType<ConfigMap>('v1', 'ConfigMap', 'configmaps');
const namespace = 'default';
const code = (name: string): unknown => expect.objectContaining({ code: name });
const map = (name: string, data: Record<string, string>, labels: Record<string, string> = {}): ConfigMap => ({
  metadata: { name, namespace, labels },
  data,
});
const deployment = (name: string): Deployment => ({
  metadata: { name, namespace },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'none' }] } },
  },
});

/** What every API server does, and the fake of unit tests as well. Names of objects are unlike each other: it may be one server for all. */
export function describeKubernetesApi(name: string, open: () => KubernetesApi): void {
  describe(`${name} keeps the contract of the API server`, () => {
    it('makes, reads, lists by labels and takes away', async () => {
      const api = open();
      const made = await api.create(CONFIG_MAPS, map('crud-a', { x: '1' }, { set: 'crud', tier: 'edge' }));
      expect(made.metadata?.uid).toMatch(/^[0-9a-f-]{36}$/);
      await api.create(CONFIG_MAPS, map('crud-b', { x: '2' }, { set: 'crud', tier: 'central' }));
      expect(await api.get(CONFIG_MAPS, { name: 'crud-a', namespace })).toMatchObject({ data: { x: '1' } });
      const names = async (labels: string): Promise<unknown> =>
        (await api.list(CONFIG_MAPS, { namespace, labels })).items.map(({ metadata }) => metadata?.name);
      expect(await names('set=crud')).toEqual(['crud-a', 'crud-b']);
      expect(await names('set=crud,tier!=edge')).toEqual(['crud-b']);
      expect(await names('set=crud,tier in (edge, regional)')).toEqual(['crud-a']);
      await api.delete(CONFIG_MAPS, { name: 'crud-a', namespace });
      expect(await names('set=crud')).toEqual(['crud-b']);
    });

    it('says what is not there, and what is there already', async () => {
      const api = open();
      await expect(api.get(CONFIG_MAPS, { name: 'nobody', namespace })).rejects.toEqual(code('not_found'));
      await expect(api.delete(CONFIG_MAPS, { name: 'nobody', namespace })).rejects.toEqual(code('not_found'));
      expect(await api.find(CONFIG_MAPS, { name: 'nobody', namespace })).toBeNull();
      await api.create(CONFIG_MAPS, map('twice', {}));
      await expect(api.create(CONFIG_MAPS, map('twice', {}))).rejects.toEqual(code('conflict'));
    });

    it('replaces only what nobody has changed meanwhile', async () => {
      const api = open();
      const first = await api.create(CONFIG_MAPS, map('stale', { x: '1' }));
      const second = await api.replace(CONFIG_MAPS, { ...first, data: { x: '2' } });
      expect(second.metadata?.resourceVersion).not.toBe(first.metadata?.resourceVersion);
      await expect(api.replace(CONFIG_MAPS, { ...first, data: { x: '3' } })).rejects.toEqual(code('conflict'));
      expect((await api.get(CONFIG_MAPS, { name: 'stale', namespace })).data).toEqual({ x: '2' });
    });

    it('applies: makes what is not there, changes what is, leaves the rest', async () => {
      const api = open();
      await api.apply(CONFIG_MAPS, map('applied', { x: '1' }));
      await api.patch(CONFIG_MAPS, { name: 'applied', namespace }, { data: { other: 'theirs' } });
      const again = await api.apply(CONFIG_MAPS, map('applied', { x: '2' }));
      expect(again.data).toEqual({ x: '2', other: 'theirs' });
      const same = await api.apply(CONFIG_MAPS, map('applied', { x: '2' }));
      expect(same.metadata?.resourceVersion).toBe(again.metadata?.resourceVersion);
    });

    it('patches by merging and by steps', async () => {
      const api = open();
      const ref = { name: 'patched', namespace };
      await api.create(CONFIG_MAPS, map('patched', { x: '1', y: '1' }));
      expect((await api.patch(CONFIG_MAPS, ref, { data: { x: '2', y: null } })).data).toEqual({ x: '2' });
      const steps = [
        { op: 'test', path: '/data/x', value: '2' },
        { op: 'replace', path: '/data/x', value: '3' },
        { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } },
      ] as const;
      expect(await api.patch(CONFIG_MAPS, ref, steps)).toMatchObject({
        data: { x: '3' },
        metadata: { annotations: { 'a/b': 'c' } },
      });
      await expect(api.patch(CONFIG_MAPS, ref, steps)).rejects.toEqual(code('invalid_argument'));
    });

    it('keeps a status apart', async () => {
      const api = open();
      const ref = { name: 'status', namespace };
      await api.create(DEPLOYMENTS, deployment('status'));
      const conditions = [{ type: 'Tested', status: 'True', reason: 'Here', message: 'seen' }];
      await api.patch(DEPLOYMENTS, ref, { spec: { replicas: 9 }, status: { conditions } }, { subresource: 'status' });
      expect(await api.get(DEPLOYMENTS, ref)).toMatchObject({ spec: { replicas: 0 }, status: { conditions } });
    });

    it('checks without keeping', async () => {
      const api = open();
      await api.create(CONFIG_MAPS, map('dry', {}), { dryRun: true });
      expect(await api.find(CONFIG_MAPS, { name: 'dry', namespace })).toBeNull();
    });

    it('takes away the one that is meant, and waits for its finalizers', async () => {
      const api = open();
      const ref = { name: 'held', namespace };
      const object = map('held', {});
      const made = await api.create(CONFIG_MAPS, {
        ...object,
        metadata: { ...object.metadata, finalizers: ['presage.dev/test'] },
      });
      const other = '00000000-0000-0000-0000-000000000000';
      await expect(api.delete(CONFIG_MAPS, ref, { uid: other })).rejects.toEqual(code('conflict'));
      await api.delete(CONFIG_MAPS, ref, { uid: made.metadata?.uid ?? '' });
      expect((await api.get(CONFIG_MAPS, ref)).metadata?.deletionTimestamp).toBeDefined();
      await api.patch(CONFIG_MAPS, ref, { metadata: { finalizers: null } });
      expect(await api.find(CONFIG_MAPS, ref)).toBeNull();
    });

    it('tells of every change, and whatever a listener throws', async () => {
      const api = open();
      const seen: string[] = [];
      const errors: string[] = [];
      const told = (change: ObjectChange<ConfigMap>): void => {
        seen.push(`${change.type} ${change.object.metadata?.name} ${change.object.data?.['x'] ?? ''}`);
        if (change.type === 'changed') throw new Error('a listener that fails');
      };
      await api.create(CONFIG_MAPS, map('watched-a', { x: '1' }, { set: 'watched' }));
      const informer = api.watch(CONFIG_MAPS, {
        namespace,
        labels: 'set=watched',
        onChange: told,
        onError: ({ message }) => errors.push(message),
      });
      await informer.synced;
      await api.create(CONFIG_MAPS, map('watched-b', { x: '1' }, { set: 'watched' }));
      await api.patch(CONFIG_MAPS, { name: 'watched-a', namespace }, { data: { x: '2' } });
      await api.create(CONFIG_MAPS, map('unwatched', {}, { set: 'else' }));
      await api.delete(CONFIG_MAPS, { name: 'watched-a', namespace });
      // Out of the selection is gone, too.
      await api.patch(CONFIG_MAPS, { name: 'watched-b', namespace }, { metadata: { labels: { set: null } } });
      await eventually(async () => (seen.length >= 5 ? true : undefined), 'five changes');
      expect(seen).toEqual([
        'added watched-a 1',
        'added watched-b 1',
        'changed watched-a 2',
        'removed watched-a 2',
        'removed watched-b 1',
      ]);
      expect(errors).toEqual(['a listener that fails']);
      expect(informer.objects.size).toBe(0);
      await informer.stop();
    });
  });
}
