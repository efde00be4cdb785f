import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { LocalKubernetes } from '../../../../bench/kubernetes/local-kubernetes';
import type { RunSpec } from '../../../../core/function/run-spec';
import {
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  NAMESPACES,
  PODS,
  SECRETS,
  SERVICES,
} from '../../../../drivers/kubernetes/resources';
import type { ResourceType } from '../../../../drivers/kubernetes/resource-type';
import type { RestKubernetesApi } from '../../../../drivers/kubernetes/rest/rest-kubernetes-api';
import { CodeTokens } from '../../../../drivers/sandbox/kubernetes/code-token';
import { createKubernetesDriver } from '../../../../drivers/sandbox/kubernetes/kubernetes-driver';
import { PodBook } from '../../../../drivers/sandbox/kubernetes/pod-book';
import { PodCalls } from '../../../../drivers/sandbox/kubernetes/pod-calls';
import type { RunningSandbox, SandboxDriver } from '../../../../drivers/sandbox/sandbox';
import { FAKE } from '../../../../bench/kubernetes/fake-nodes';
import { podSettings } from '../../../drivers/sandbox/kubernetes/pod-settings';
import { testRunSpec } from '../../../drivers/sandbox/run-spec';
import { waitFor } from '../../../drivers/sandbox/wait-for';
import type { SharedKubernetes } from '../../support/shared-kubernetes';

const NAMESPACE = 'functions';
const log = pino({ level: 'silent' });

/** Pods as instances, on played nodes. */
export function describePods(shared: () => SharedKubernetes): void {
  describe('pods on played nodes of a real API server', () => {
    let cluster: LocalKubernetes;
    let api: RestKubernetesApi;
    let stateDir: string;
    let book: PodBook;
    const exits: { id: string; code: number | null; signal: string | null }[] = [];
    let ids = 0;

    beforeAll(async () => {
      ({ local: cluster } = shared());
      // Of its own: its calls are counted.
      api = await cluster.api();
      stateDir = await mkdtemp(path.join(tmpdir(), 'presage-pods-'));
      await api.create(NAMESPACES, {
        metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      });
      book = new PodBook();
      await book.keep(api, NAMESPACE, () => undefined);
    }, 600_000);

    afterAll(async () => {
      await api.close();
      await rm(stateDir, { recursive: true, force: true });
    }, 60_000);

    async function driverOn(node: string, annotations: Record<string, string> = {}): Promise<SandboxDriver> {
      const driver = createKubernetesDriver({
        node: { name: node, tolerations: [{ key: 'presage.dev/tier', value: 'edge', effect: 'NoSchedule' }] },
        calls: new PodCalls(api, { ...podSettings(NAMESPACE), annotations }),
        book,
        tokens: new CodeTokens(Buffer.alloc(32, 7)),
        checkpoints: null,
        noCheckpoints: 'There is no registry here',
        functionImages: null,
        logs: null,
        stateDir: path.join(stateDir, node),
        log,
      });
      await driver.open({ logged: () => undefined, exited: (id, how) => void exits.push({ id, ...how }) });
      return driver;
    }

    async function start(driver: SandboxDriver, run: RunSpec): Promise<RunningSandbox> {
      const id = `pod${(ids += 1)}`;
      await driver.create({ id, run, codeDir: '/nowhere' });
      return driver.start(id);
    }

    const run = (name: string, change: Partial<RunSpec> = {}): RunSpec =>
      testRunSpec('nodejs', { function: name, revisionId: `rev-${name}`, ...change });

    const podsOf = async (name: string) =>
      (await api.list(PODS, { namespace: NAMESPACE, labels: `presage.dev/function=${name}` })).items.filter(
        ({ metadata }) => metadata?.deletionTimestamp === undefined,
      );

    async function leftOf(name: string): Promise<number> {
      const labels = `presage.dev/function=${name}`;
      const types: readonly ResourceType[] = [PODS, DEPLOYMENTS, SECRETS, SERVICES, ENDPOINT_SLICES] as ResourceType[];
      const counts = await Promise.all(
        types.map(async (type) => (await api.list(type, { namespace: NAMESPACE, labels })).items.length),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    }

    const writes = async (): Promise<number> =>
      (await api.calls.counts())
        .filter(({ verb }) => ['create', 'patch', 'update', 'delete'].includes(verb))
        .reduce((sum, { count }) => sum + count, 0);

    test('an instance is a pod on the node, and goes without a trace', async () => {
      const driver = await driverOn('edge-0');
      const sandbox = await start(driver, run('one', { secretEnv: { TOKEN: 'hush' } }));
      const [pod] = await podsOf('one');
      expect(pod?.spec?.nodeName).toBe('edge-0');
      expect(sandbox).toMatchObject({
        ready: true,
        endpoints: [{ kind: 'tcp', host: pod?.status?.podIP, port: 8080 }],
      });
      expect(JSON.stringify(pod)).not.toContain('hush');
      await driver.destroy(sandbox.id);
      expect(await podsOf('one')).toEqual([]);
      await waitFor('all that belonged to it to go', async () => (await leftOf('one')) === 0);
      await driver.close({ destroyAll: true });
    });

    test('four instances take as many writes as one', async () => {
      const driver = await driverOn('regional-0');
      const before = await writes();
      const one = await start(driver, run('single'));
      const forOne = (await writes()) - before;
      const many = await Promise.all([1, 2, 3, 4].map(() => start(driver, run('four'))));
      const forFour = (await writes()) - before - forOne;
      expect({ forOne, forFour }).toEqual({ forOne: 3, forFour: 3 });
      expect(new Set(many.map(({ endpoints }) => JSON.stringify(endpoints))).size).toBe(4);
      const then = await writes();
      await driver.destroy(one.id);
      const endOfOne = (await writes()) - then;
      await Promise.all(many.map(({ id }) => driver.destroy(id)));
      expect({ endOfOne, endOfFour: (await writes()) - then - endOfOne }).toEqual({ endOfOne: 1, endOfFour: 1 });
      await driver.close({ destroyAll: true });
    });

    test('the pod that goes is the one that was meant, also while another starts', async () => {
      const driver = await driverOn('regional-1');
      const exitsBefore = exits.length;
      const [first, second, third] = await Promise.all([1, 2, 3].map(() => start(driver, run('chosen'))));
      const hosts = async (): Promise<unknown[]> => (await podsOf('chosen')).map(({ status }) => status?.podIP).sort();
      const hostOf = (sandbox: RunningSandbox | undefined): string =>
        sandbox?.endpoints[0]?.kind === 'tcp' ? sandbox.endpoints[0].host : '';
      await driver.destroy(second?.id ?? '');
      expect(await hosts()).toEqual([hostOf(first), hostOf(third)].sort());
      const [, fourth] = await Promise.all([driver.destroy(first?.id ?? ''), start(driver, run('chosen'))]);
      await waitFor('two pods', async () => (await hosts()).length === 2);
      expect(await hosts()).toEqual([hostOf(third), hostOf(fourth)].sort());
      expect(exits.filter(({ id }) => id === third?.id || id === fourth.id)).toEqual([]);
      await driver.close({ destroyAll: true });
      // Each end is told, and once.
      const ended = [first, second, third, fourth].map((sandbox) => ({ id: sandbox?.id, code: null, signal: null }));
      expect(exits).toHaveLength(exitsBefore + 4);
      expect(exits.slice(exitsBefore)).toEqual(
        expect.arrayContaining(ended.map((each) => expect.objectContaining(each))),
      );
      await waitFor('all that belonged to it to go', async () => (await leftOf('chosen')) === 0);
    });

    test('a pod that somebody else deletes is an instance that ended', async () => {
      const driver = await driverOn('regional-2');
      const sandbox = await start(driver, run('taken'));
      const [pod] = await podsOf('taken');
      await api.delete(PODS, { namespace: NAMESPACE, name: pod?.metadata?.name ?? '' });
      await waitFor('the end to be told', () => Promise.resolve(exits.some(({ id }) => id === sandbox.id)));
      await driver.destroy(sandbox.id);
      await waitFor('all that belonged to it to go', async () => (await leftOf('taken')) === 0);
      await driver.close({ destroyAll: true });
    });

    test('a pod that cannot start is a failed start that says why, and leaves nothing', async () => {
      const driver = await driverOn('regional-3', { [FAKE.neverStarts]: 'ErrImagePull' });
      await expect(start(driver, run('broken'))).rejects.toMatchObject({
        code: 'start_failed',
        message: expect.stringContaining('ErrImagePull') as string,
      });
      await waitFor('all that belonged to it to go', async () => (await leftOf('broken')) === 0);
      await driver.close({ destroyAll: true });
    });

    test('what is refused by the API server is told in its words', async () => {
      const driver = await driverOn('central-0');
      await expect(start(driver, run('refused', { env: { 'BAD NAME=': 'x' } }))).rejects.toMatchObject({
        message: expect.stringContaining('env') as string,
      });
      await driver.close({ destroyAll: true });
    });

    test('a start that is called off leaves nothing', async () => {
      const driver = await driverOn('central-0', { [FAKE.startMs]: '60000' });
      const id = 'called-off';
      await driver.create({ id, run: run('slow'), codeDir: '/nowhere' });
      const starting = driver.start(id);
      starting.catch(() => undefined);
      await waitFor('its pod', async () => (await podsOf('slow')).length === 1);
      await driver.destroy(id);
      await expect(starting).rejects.toMatchObject({ code: 'start_failed' });
      await waitFor('all that belonged to it to go', async () => (await leftOf('slow')) === 0);
      await driver.close({ destroyAll: true });
    });

    test('a process that comes after takes over the pods with their names, and removes those that do not serve', async () => {
      const before = await driverOn('central-1');
      const [kept, orphan] = await Promise.all([start(before, run('kept')), start(before, run('orphan'))]);
      await before.close({ destroyAll: false });
      const dead = await driverOn('central-1', { [FAKE.startMs]: '60000' });
      await dead.create({ id: 'unborn', run: run('unborn'), codeDir: '/nowhere' });
      dead.start('unborn').catch(() => undefined);
      await waitFor('a pod that does not serve', async () => (await podsOf('unborn')).length === 1);
      await dead.close({ destroyAll: false });
      // As after a crash before the pod's owner was written down.
      const owners = path.join(stateDir, 'central-1', 'pods.json');
      await writeFile(owners, JSON.stringify({ [(await podsOf('kept'))[0]?.metadata?.uid ?? '']: kept.id }));

      const after = await driverOn('central-1');
      const found = await after.recover();
      const ownName = (await podsOf('orphan'))[0]?.metadata?.uid?.replaceAll('-', '') ?? '';
      expect(new Map(found.map((each) => [each.id, each.endpoints]))).toEqual(
        new Map([
          [kept.id, kept.endpoints],
          [ownName, orphan.endpoints],
        ]),
      );
      await waitFor('the pod that did not serve to go', async () => (await leftOf('unborn')) === 0);
      const then = await writes();
      const second = await start(after, run('kept'));
      // The same Deployment, scaled, with its token renewed.
      expect((await writes()) - then).toBe(2);
      await Promise.all([kept.id, ownName, second.id].map((id) => after.destroy(id)));
      await waitFor('all of them to go', async () => (await leftOf('kept')) + (await leftOf('orphan')) === 0);
      await after.close({ destroyAll: true });
    });

    test('an API server that is killed while pods are wanted gives them when it is back', async () => {
      const driver = await driverOn('edge-1');
      await cluster.end('kube-apiserver', 'SIGKILL');
      const starting = start(driver, run('patient'));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await cluster.startAgain('kube-apiserver');
      const sandbox = await starting;
      expect((await podsOf('patient')).map(({ status }) => status?.podIP)).toEqual([
        sandbox.endpoints[0]?.kind === 'tcp' ? sandbox.endpoints[0].host : '',
      ]);
      await driver.close({ destroyAll: true });
      await waitFor('all that belonged to it to go', async () => (await leftOf('patient')) === 0);
    });
  });
}
