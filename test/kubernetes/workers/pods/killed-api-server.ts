import { jsonOf } from '../../../../bench/harness/http-probe';
import { until } from '../../../e2e/support/test-platform';
import { Callers } from '../../support/callers';
import type { PodPlatform } from '../../support/pod-platform';

interface Migration {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
  readonly phases: readonly { readonly step: string; readonly note: string | null }[];
}
interface Placement {
  readonly nodes: readonly { readonly node: string; readonly weight: number | null; readonly instances: number }[];
  readonly changedBy: string | null;
}

const NAME = 'outlasts';
/** Until a move that had to wait has come to an end, and until nothing is left of where it was. */
const ENDED_MS = 120_000;
/** The steps at which the API server is killed, by what their names hold, and for how long it is away. */
const STEPS = [
  { step: 'check', awayMs: 500, always: false },
  { step: 'start on', awayMs: 500, always: true },
  { step: 'as many', awayMs: 500, always: false },
  { step: '50 %', awayMs: 500, always: true },
  { step: ' out', awayMs: 500, always: false },
  { step: 'drain', awayMs: 2_000, always: true },
] as const;
/** Each costs some eight seconds: without being asked for all, those at which pods start, serve and end. */
const KILLS = STEPS.filter(({ always }) => always || process.env['PRESAGE_TEST_LONG'] === '1');

/** kill -9 of the API server at the steps of a move. @param hosts the nodes that it goes between */
export function describeKilledApiServer(world: () => PodPlatform, hosts: readonly [string, string]): void {
  describe('kill -9 of the API server in the middle of a move', () => {
    const send = async <T>(path: string, body?: object): Promise<T> => {
      const post = body && { method: 'POST', body: JSON.stringify(body) };
      return jsonOf<T>(await world().platform.probe.send(path, post));
    };
    const look = (id: string): Promise<Migration> => send(`/v1/migrations/${id}`);
    const placement = (): Promise<Placement> => send(`/v1/functions/${NAME}/placement`);
    const home = async (): Promise<string> =>
      (await placement()).nodes.find(({ weight }) => weight === 100)?.node ?? 'nowhere whole';
    const call = (): Promise<string> => world().call(NAME);
    const begin = async (): Promise<Migration & { to: string }> => {
      await world().nodesReady();
      const to = (await home()) === hosts[0] ? hosts[1] : hosts[0];
      const wish = { function: NAME, to, steps: [50], holdSeconds: 0.5, drainSeconds: 20 };
      return { ...(await send<Migration>('/v1/migrations', wish)), to };
    };
    const ended = (id: string): Promise<Migration> =>
      until(
        'the move to end',
        async () => {
          const now = await look(id);
          return now.state !== 'running' && now;
        },
        ENDED_MS,
      );
    async function killed(awayMs: number): Promise<void> {
      const { cluster } = world();
      await cluster.end('kube-apiserver', 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      await cluster.startAgain('kube-apiserver');
    }
    /** Whatever belongs to the function is where it is placed, in Kubernetes, for the platform and for gateways. */
    async function settled(): Promise<string> {
      const at = await home();
      const elsewhere = `presage.dev/function=${NAME},presage.dev/node!=${at}`;
      let left: readonly string[] = [];
      const nothing = async (): Promise<boolean> => {
        left = await world().left(elsewhere);
        const { nodes, changedBy } = await placement();
        return left.length === 0 && changedBy === null && nodes.every(({ node }) => node === at);
      };
      await until('nothing to be left elsewhere', nothing, ENDED_MS).catch(async (error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify([left, await placement()])}`);
      });
      // One Deployment with one Secret, one Service and its slice, and at least one pod.
      const kinds = (await world().left(`presage.dev/function=${NAME}`)).map((each) => each.split(' ')[0]);
      expect([...new Set(kinds)].sort()).toEqual(['Deployment', 'EndpointSlice', 'Pod', 'Secret', 'Service']);
      expect(kinds.filter((kind) => kind !== 'Pod')).toHaveLength(4);
      return at;
    }

    afterEach(() => Callers.endAll());
    beforeAll(async () => {
      const spec = { isolation: 'pod', checkpoint: { when: 'never' }, timeouts: { start: '8s' } } as const;
      const rest = { tier: { allow: ['edge' as const] }, concurrency: 4, scale: { min: 1, max: 4 } };
      await world().platform.deploy(NAME, { ...spec, ...rest }, { 'index.js': 'exports.handler = () => 1;' });
    });

    test.each(KILLS)('at "$step": it goes on to an end, calls as well, and nothing is left over', async (kill) => {
      const callers = new Callers(call);
      const { id, to } = await begin();
      const there = async (): Promise<boolean> => {
        const { phases, state } = await look(id);
        return state !== 'running' || phases.some(({ step }) => step.includes(kill.step));
      };
      await until(`the step ${kill.step}`, there);
      const state = (await look(id)).state;
      await killed(kill.awayMs);
      const before = callers.count;
      const last = await ended(id);
      await until('calls after that', async () => callers.count > before + 10);
      expect(await callers.end()).toEqual(['200 from a pod']);
      // It was killed in the middle, and nothing of it was so late that it had to be given up.
      expect([state, last.state, last.error]).toEqual(['running', 'completed', null]);
      expect(await settled()).toBe(to);
    });

    test('away for longer than a start may take: it is put back, and nothing is left over', async () => {
      const callers = new Callers(call);
      const from = await home();
      await world().nodesReady();
      await world().cluster.end('kube-apiserver', 'SIGKILL');
      const { id } = await begin();
      const last = await ended(id);
      await world().cluster.startAgain('kube-apiserver');
      expect(last).toMatchObject({ state: 'rolled-back', error: expect.stringContaining('did not listen') as string });
      expect(await settled()).toBe(from);
      expect(await callers.end()).toEqual(['200 from a pod']);
      await world().nodesReady();
    });
  });
}
