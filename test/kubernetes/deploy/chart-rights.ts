import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { CHART, objectsIn, renderObjects, type RenderedObject } from '../../../bench/kubernetes/chart';
import { ensureHelm } from '../../../bench/kubernetes/ensure-helm';
import type { LocalKubernetes } from '../../../bench/kubernetes/local-kubernetes';
import { KubernetesNodes } from '../../../drivers/cluster/kubernetes/kubernetes-nodes';
import type { KubernetesApi } from '../../../drivers/kubernetes/kubernetes-api';
import { clusterType, namespacedType } from '../../../drivers/kubernetes/resource-type';
import { NAMESPACES, PODS } from '../../../drivers/kubernetes/resources';
import { RestKubernetesApi } from '../../../drivers/kubernetes/rest/rest-kubernetes-api';
import { CodeTokens } from '../../../drivers/sandbox/kubernetes/code-token';
import { createKubernetesDriver } from '../../../drivers/sandbox/kubernetes/kubernetes-driver';
import { PodBook } from '../../../drivers/sandbox/kubernetes/pod-book';
import { PodCalls } from '../../../drivers/sandbox/kubernetes/pod-calls';
import { deploymentOf } from '../../../drivers/sandbox/kubernetes/workload-objects';
import { podSettings } from '../../drivers/sandbox/kubernetes/pod-settings';
import { testRunSpec } from '../../drivers/sandbox/run-spec';
import { waitFor } from '../../drivers/sandbox/wait-for';
import { example, typeOf } from './chart-objects';
import type { SharedKubernetes } from '../support/shared-kubernetes';

interface PodTemplate {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: Record<string, unknown>;
}
function templateOf(object: RenderedObject): PodTemplate | undefined {
  return (object as { spec?: { template?: PodTemplate } }).spec?.template;
}

/** Who may do what, as the chart has it. */
export function describeChartRights(shared: () => SharedKubernetes): void {
  describe('what the chart allows', () => {
    const fn = 'presage-functions';
    let objects: readonly RenderedObject[];
    let cluster: LocalKubernetes;
    let api: KubernetesApi;

    beforeAll(async () => {
      const progress = (line: string): void => void process.stderr.write(`${line}\n`);
      const helm = await ensureHelm(progress);
      ({ local: cluster, api } = shared());
      objects = await renderObjects(helm, {
        files: [example('kind')],
        set: ['agent.namespace=presage-agents', 'agent.createNamespace=true', 'agent.storage.existingClaim=blobs'],
      });
      const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      for (const [name, labels] of [
        ['presage', restricted],
        ['team-a', {}],
      ] as const)
        await api.apply(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
      const first = objects.filter(({ kind }) => kind === 'Namespace');
      for (const object of [...first, ...objects.filter(({ kind }) => kind !== 'Namespace')])
        await api.apply(typeOf(object), object);
    }, 1_200_000);

    const pod = (name: string, inside: string, spec: object, labels = {}): object => {
      return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: inside, labels }, spec };
    };
    const create = (object: object): Promise<string> =>
      api.create(PODS, object, { dryRun: true }).then(
        () => 'taken',
        (error: Error) => error.message,
      );

    it('PodSecurity: all but the agent are restricted, and the agent is let into its own namespace alone', async () => {
      const templates = objects.flatMap((object) => {
        const template = templateOf(object);
        return template ? [{ object, template }] : [];
      });
      expect(templates).toHaveLength(6);
      for (const { object, template } of templates) {
        const { name, namespace: own = '' } = object.metadata;
        // What a claim's template of a StatefulSet would add.
        const claimed = (object as { spec?: { volumeClaimTemplates?: { metadata: { name: string } }[] } }).spec;
        const added = (claimed?.volumeClaimTemplates ?? []).map(({ metadata }) => ({ ...metadata, emptyDir: {} }));
        const volumes = [...((template.spec['volumes'] as object[] | undefined) ?? []), ...added];
        const always = { ...template.spec, volumes };
        expect([name, await create(pod(name, own, always))]).toEqual([name, 'taken']);
        if (object.kind !== 'DaemonSet') continue;
        const { serviceAccountName, ...elsewhere } = always as { serviceAccountName?: string };
        expect(serviceAccountName).toBe('presage-agent');
        for (const other of ['presage', 'presage-functions']) {
          expect(await create(pod(name, other, elsewhere))).toMatch(/violates PodSecurity "restricted.*privileged/);
        }
      }
    });

    it("PodSecurity: the functions' namespace takes a function's pod and refuses one that could be more", async () => {
      const workload = {
        ...{ name: 'fn', key: 'fn', node: { name: 'central-0', tolerations: [] }, run: testRunSpec('nodejs') },
        ...{ command: null, workingDir: null, ownImage: null, checkpointImage: null, codeToken: 'token' },
      };
      const spec = { ...deploymentOf(workload, podSettings(fn), 1).spec?.template.spec };
      expect(await create(pod('fn', fn, spec))).toBe('taken');
      const [container] = spec.containers ?? [];
      const more = [
        { ...spec, hostNetwork: true },
        { ...spec, hostPID: true },
        { ...spec, volumes: [...(spec.volumes ?? []), { name: 'host', hostPath: { path: '/' } }] },
        { ...spec, securityContext: { runAsUser: 0 } },
        { ...spec, containers: [{ ...container, securityContext: { privileged: true } }] },
      ];
      for (const each of more) expect(await create(pod('fn', fn, each))).toMatch(/violates PodSecurity/);
    });

    it('nobody but pod agents and control workers is bound to a role', () => {
      const bound = objects.flatMap((object) => (object as { subjects?: { name: string }[] }).subjects ?? []);
      expect([...new Set(bound.map(({ name }) => name))].sort()).toEqual(['presage-control', 'presage-pod-agents']);
      const wild = objects
        .filter(({ kind }) => kind.endsWith('Role'))
        .filter((role) => JSON.stringify(role).includes('"*"'));
      expect(wild).toEqual([]);
    });

    /** verb, resource (with subresource), group, namespace. */
    type Ask = readonly [verb: string, resource: string, group: string, namespace: string];
    async function may(account: string, [verb, resource, group, inside]: Ask): Promise<boolean> {
      const [name, subresource] = resource.split('/');
      const home = account === 'presage-agent' ? 'presage-agents' : 'presage';
      const user = `system:serviceaccount:${home}:${account}`;
      const groups = ['system:serviceaccounts', `system:serviceaccounts:${home}`, 'system:authenticated'];
      const resourceAttributes = { verb, group, resource: name, subresource, namespace: inside };
      const answer = (await api.raw({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: { user, groups, resourceAttributes },
        },
        verb: 'create',
        resource: 'subjectaccessreviews',
      })) as { status: { allowed: boolean } };
      return answer.status.allowed;
    }
    const [CORE, APPS, OWN, SLICES] = ['', 'apps', 'presage.dev', 'discovery.k8s.io'];
    const each = (verbs: string, resource: string, group: string, inside = ''): Ask[] =>
      verbs.split(' ').map((verb) => [verb, resource, group, inside]);
    const custom = (verbs: string, part = ''): Ask[] =>
      ['functions', 'budgets', 'placementpolicies'].flatMap((kind) => each(verbs, kind + part, OWN, 'team-a'));
    const allowed: Readonly<Record<string, readonly Ask[]>> = {
      'presage-control': [
        ...each('get list watch', 'nodes', CORE),
        ...custom('get list watch patch'),
        ...custom('get patch update', '/status'),
        ...custom('update', '/finalizers'),
        ...each('create patch', 'events', CORE, 'team-a'),
        ...each('get', 'configmaps', CORE, 'team-a'),
      ],
      'presage-pod-agents': [
        ...each('get list create delete', 'deployments', APPS, fn),
        ...each('patch', 'deployments/scale', APPS, fn),
        ...each('list watch patch delete', 'pods', CORE, fn),
        ...each('get', 'pods/log', CORE, fn),
        ...each('create', 'services', CORE, fn),
        ...each('create patch', 'secrets', CORE, fn),
        ...each('list watch', 'endpointslices', SLICES, fn),
        ...each('get list watch', 'nodes', CORE),
        ...each('get create', 'nodes/proxy', CORE),
      ],
    };
    const everywhere = (inside: string): Ask[] => [
      ...each('get list create delete', 'secrets', CORE, inside),
      ...each('get list create delete', 'pods', CORE, inside),
      ...each('create', 'pods/exec', CORE, inside),
      ...each('create patch delete', 'deployments', APPS, inside),
      ...each('list create', 'configmaps', CORE, inside),
      ...each('create', 'serviceaccounts/token', CORE, inside),
      ...each('create update bind escalate', 'roles', 'rbac.authorization.k8s.io', inside),
    ];
    const onCluster: readonly Ask[] = [
      ...each('create patch update delete', 'nodes', CORE),
      ...each('create delete', 'namespaces', CORE),
      ...each('create update bind escalate', 'clusterroles', 'rbac.authorization.k8s.io'),
      ...each('impersonate', 'users', CORE),
      ...each('create patch', 'customresourcedefinitions', 'apiextensions.k8s.io'),
    ];
    const refused: Readonly<Record<string, readonly Ask[]>> = {
      'presage-control': [
        ...[...everywhere('presage'), ...everywhere('kube-system'), ...everywhere(fn), ...onCluster],
        ...each('get create', 'nodes/proxy', CORE),
        ...custom('create delete deletecollection'),
        ...each('list delete', 'events', CORE, 'team-a'),
      ],
      'presage-pod-agents': [
        ...[...everywhere('presage'), ...everywhere('kube-system'), ...onCluster],
        ...each('create', 'pods/exec', CORE, fn),
        ...each('create', 'pods', CORE, fn),
        ...each('get list watch delete', 'secrets', CORE, fn),
        ...each('create update', 'roles', 'rbac.authorization.k8s.io', fn),
        ...custom('get list patch'),
        ...each('delete', 'nodes/proxy', CORE),
      ],
      'presage-gateway': [
        ...everywhere('presage'),
        ...everywhere(fn),
        ...onCluster,
        ...custom('get list'),
        ...each('get list', 'nodes', CORE),
      ],
      'presage-agent': [
        ...everywhere('presage'),
        ...everywhere(fn),
        ...onCluster,
        ...custom('get list'),
        ...each('get list', 'nodes', CORE),
      ],
    };

    it("pod agents' own account is enough to run instances as pods, in the namespace that is restricted", async () => {
      const kubeconfig = await cluster.serviceAccountKubeconfig('presage', 'presage-pod-agents');
      const own = await RestKubernetesApi.open({ kubeconfig });
      const stateDir = mkdtempSync(path.join(tmpdir(), 'presage-pods-'));
      try {
        const log = pino({ level: 'silent' });
        const book = new PodBook();
        const unheard: string[] = [];
        await book.keep(own, fn, (error) => unheard.push(error.message));
        const driver = createKubernetesDriver({
          node: { name: 'central-0', tolerations: [] },
          calls: new PodCalls(own, podSettings(fn)),
          book,
          tokens: new CodeTokens(Buffer.alloc(32, 7)),
          checkpoints: null,
          functionImages: null,
          noCheckpoints: 'There is no registry here',
          logs: null,
          stateDir,
          log,
        });
        await driver.open({ logged: () => undefined, exited: () => undefined });
        await driver.create({
          id: 'one',
          run: testRunSpec('nodejs', { secretEnv: { TOKEN: 'hush' } }),
          codeDir: '/nowhere',
        });
        expect(await driver.start('one')).toMatchObject({ ready: true });
        await driver.destroy('one');
        await driver.close({ destroyAll: true });
        expect(unheard).toEqual([]);
      } finally {
        await own.close();
        rmSync(stateDir, { recursive: true, force: true });
      }
    });

    it("the control worker's own account is enough to read nodes, and to keep objects and tell their status", async () => {
      const crds = path.join(CHART, 'crds');
      for (const name of readdirSync(crds).filter((file) => file.endsWith('.yaml')))
        for (const object of objectsIn(readFileSync(path.join(crds, name), 'utf8')))
          await api.apply(clusterType(object.apiVersion, object.kind, 'customresourcedefinitions'), object);
      const functions = namespacedType('presage.dev/v1', 'Function', 'functions');
      const metadata = { name: 'hello', namespace: 'team-a' };
      const files = { 'index.js': 'exports.handler = () => 1;' };
      const object = { metadata, spec: { runtime: 'nodejs', handler: 'index.handler', code: { files } } };
      await waitFor('the definitions to be served', () =>
        api.apply(functions, object as object).then(
          () => true,
          () => false,
        ),
      );
      const own = await RestKubernetesApi.open({
        kubeconfig: await cluster.serviceAccountKubeconfig('presage', 'presage-control'),
      });
      try {
        const reading = {
          tierLabel: 'presage.dev/tier',
          regionLabel: 'topology.kubernetes.io/region',
          drainTaints: [],
        };
        const nodes = new KubernetesNodes({ api: own, ...reading });
        expect(await nodes.all()).toHaveLength(12);
        await nodes.stop();
        const informer = own.watch(functions);
        await informer.synced;
        expect([...informer.objects.keys()]).toEqual(['team-a/hello']);
        await informer.stop();
        await own.patch(functions, metadata, { metadata: { finalizers: ['presage.dev/test'] } });
        const told = { metadata, status: { observedGeneration: 1, conditions: [] } };
        await own.apply(functions, told, { subresource: 'status' });
        await own.patch(functions, metadata, { metadata: { finalizers: [] } });
        // Each is awaited before the next is asked for: one that is refused meanwhile would be nobody's.
        const forbidden = { code: 'forbidden' };
        await expect(own.delete(functions, metadata)).rejects.toMatchObject(forbidden);
        await expect(own.list(PODS, { namespace: 'team-a' })).rejects.toMatchObject(forbidden);
      } finally {
        await own.close();
      }
    });

    test.each(Object.keys(allowed))('RBAC: %s may do what it must', async (account) => {
      const asks = allowed[account] ?? [];
      const denied: Ask[] = [];
      for (const ask of asks) if (!(await may(account, ask))) denied.push(ask);
      expect(denied).toEqual([]);
    });
    test.each(Object.keys(refused))('RBAC: %s is refused the rest', async (account) => {
      const granted: Ask[] = [];
      for (const ask of refused[account] ?? []) if (await may(account, ask)) granted.push(ask);
      expect(granted).toEqual([]);
    });
  });
}
