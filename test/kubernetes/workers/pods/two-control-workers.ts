import { Client, Connection } from '@temporalio/client';
import { Components } from '../../../../bench/harness/components';
import { jsonOf } from '../../../../bench/harness/http-probe';
import { NODES } from '../../../../drivers/kubernetes/resources';
import { until } from '../../../e2e/support/test-platform';
import { Callers } from '../../support/callers';
import type { PodPlatform, Watched } from '../../support/pod-platform';
import { applyFunction, functionReady, removeFunction } from './function-as-pods';

const NAME = 'shared';
const HEALED_MS = 30_000;
const MOVED_MS = 90_000;
const SCHEDULES = [
  'advise-costs',
  'check-ledger',
  'checkpoint-retention',
  'enforce-budgets',
  'judge-policies',
  'keep-ledger',
  'optimize-placement',
  'retrain-models',
  'warm-pools',
];

/** Two control workers at once, as the chart has them. @param hosts nodes that functions may move between */
export function describeTwoControlWorkers(world: () => PodPlatform, hosts: readonly [string, string]): void {
  describe('two control workers at once', () => {
    let second: Watched;
    const items = async <T>(path: string): Promise<readonly T[]> =>
      jsonOf<{ items: T[] }>(await world().platform.probe.send(path)).items;
    const events = (type: string): Promise<readonly { readonly node: string; readonly function: string }[]> =>
      items(`/v1/events?all=true&types=${type}`);
    const taint = (name: string, spec: object): Promise<unknown> => world().api.patch(NODES, { name }, { spec });
    const stateOf = async (name: string): Promise<string | undefined> =>
      (await items<{ name: string; state: string }>('/v1/nodes')).find((node) => node.name === name)?.state;
    const call = (): Promise<string> => world().call(NAME, 'acme');
    const spec = (text: string): object => ({
      ...{ tier: { allow: ['edge'] }, concurrency: 4, scale: { min: 1, max: 4 }, env: { GREETING: text } },
    });

    afterEach(() => Callers.endAll());
    beforeAll(async () => {
      second = await world().startControl();
    }, 90_000);
    afterAll(() => second?.end());

    test('an object is deployed once, with one set of pods; what somebody else changes is put back and told once', async () => {
      await applyFunction(world(), NAME, spec('one'));
      await functionReady(world(), NAME);
      const deployments = (): Promise<readonly unknown[]> => items(`/v1/deployments?tenant=acme&function=${NAME}`);
      expect(await deployments()).toHaveLength(1);
      const left = await world().left(`presage.dev/function=${NAME}`);
      expect(left.filter((each) => each.startsWith('Deployment'))).toHaveLength(1);
      expect(await world().pods(NAME)).toHaveLength(1);
      const answer = await world().platform.probe.send(`/v1/functions/${NAME}?tenant=acme`, { method: 'DELETE' });
      expect(answer.status).toBe(204);
      await until('it to be told', async () => (await events('function.drifted')).length > 0);
      await until('it to answer again', async () => (await call()).startsWith('200 '), MOVED_MS);
      await functionReady(world(), NAME);
      expect((await events('function.drifted')).map((event) => event.function)).toEqual([NAME]);
      const again = await items<{ createdAt: string }>(`/v1/deployments?tenant=acme&function=${NAME}`);
      expect(again).toHaveLength(2);
    });

    test('a cordon is noticed once, and so is its end; a node that is to go is emptied by one workflow', async () => {
      const [node = ''] = [...new Set(await world().placesOf(NAME))];
      const told = async (type: string): Promise<number> =>
        (await events(type)).filter((event) => event.node === node).length;
      const types = ['node.cordoned', 'node.uncordoned'];
      // Servers that were killed before this may have left some.
      const earlier = await Promise.all(types.map(told));
      await taint(node, { unschedulable: true });
      await until('the cordon', async () => (await stateOf(node)) === 'cordoned');
      await taint(node, { unschedulable: null });
      await until('its end', async () => (await stateOf(node)) === 'ready');
      for (const [place, type] of types.entries()) {
        const once = (earlier[place] ?? 0) + 1;
        await until(type, async () => (await told(type)) >= once);
        expect(await told(type)).toBe(once);
      }
      const { spec: before } = await world().api.get(NODES, { name: node });
      const callers = new Callers(call);
      await taint(node, { taints: [...(before?.taints ?? []), { key: 'presage.dev/drain', effect: 'NoSchedule' }] });
      await until('it to be empty', async () => (await stateOf(node)) === 'drained', MOVED_MS);
      await taint(node, { taints: before?.taints ?? [] });
      await until('it to be used again', async () => (await stateOf(node)) === 'ready');
      expect((await callers.end()).filter((answer) => !answer.startsWith('200 '))).toEqual([]);
      const moves = await items<{ from: string; state: string }>(`/v1/migrations?tenant=acme&function=${NAME}`);
      expect(moves).toMatchObject([{ from: node, state: 'completed' }]);
      expect((await events('node.drain-begun')).filter((event) => event.node === node)).toHaveLength(1);
    });

    test('there is one of each schedule, and no minute is taken twice', async () => {
      const connection = await Connection.connect({ address: `127.0.0.1:${world().platform.config.temporal.port}` });
      try {
        const client = new Client({ connection });
        const ids: string[] = [];
        for await (const { scheduleId } of client.schedule.list()) ids.push(scheduleId);
        expect(ids.sort()).toEqual(SCHEDULES);
        const { info } = await client.schedule.getHandle('warm-pools').describe();
        const times = info.recentActions.map(({ scheduledAt }) => scheduledAt.toISOString());
        expect(times).toEqual([...new Set(times)]);
      } finally {
        await connection.close();
      }
    });

    test('each shows its calls to the API server, all of one client', async () => {
      const text = await second.metrics();
      for (const resource of ['nodes', 'functions', 'budgets', 'placementpolicies'])
        expect(text).toMatch(new RegExp(`^presage_kubernetes_calls_total\\{verb="list",resource="${resource}",code="200"\\} [1-9]`, 'm')); // prettier-ignore
      expect(text).toContain('process_cpu_seconds_total');
    });

    test.each(['the supervised one', 'the other'])(
      'kill -9 of %s in the middle of a move goes unnoticed',
      async (which) => {
        await world().nodesReady();
        const [from] = await world().placesOf(NAME);
        const to = from === hosts[0] ? hosts[1] : hosts[0];
        const callers = new Callers(call);
        const body = JSON.stringify({ function: NAME, to, steps: [50], holdSeconds: 0.5 });
        // A gateway hears of a node that is ready again a moment later.
        const begun = await until('the move to begin', async () => {
          const answer = await world().platform.probe.send('/v1/migrations?tenant=acme', { method: 'POST', body });
          return answer.status === 202 && jsonOf<{ id: string }>(answer);
        });
        const look = async (): Promise<{ state: string; error: string | null; phases: { step: string }[] }> =>
          jsonOf(await world().platform.probe.send(`/v1/migrations/${begun.id}?tenant=acme`));
        await until('half of the traffic', async () => (await look()).phases.some(({ step }) => step.includes('50 %')));
        const own = which === 'the supervised one';
        const healed = own ? new Components(world().platform.config).kill('control', HEALED_MS) : null;
        if (!own) await second.end('SIGKILL');
        // Whoever is left sees what is wished for meanwhile.
        const other = own ? 'meanwhile' : 'again-meanwhile';
        await applyFunction(world(), other, spec('two'));
        await until('the move to end', async () => (await look()).state !== 'running', MOVED_MS);
        expect(await look()).toMatchObject({ state: 'completed', error: null });
        await functionReady(world(), other);
        await removeFunction(world(), other);
        expect((await callers.end()).filter((answer) => !answer.startsWith('200 '))).toEqual([]);
        expect((await healed)?.healedMs).not.toBeNull();
        await until('all of it to be there', async () => (await world().placesOf(NAME)).every((node) => node === to));
      },
    );

    test('an object that is deleted goes once and whole', async () => {
      await removeFunction(world(), NAME);
      expect((await events('function.deleted')).filter((event) => event.function === NAME)).toHaveLength(2);
    });
  });
}
