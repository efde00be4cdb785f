import { PlatformError } from '../../../core/error/platform-error';
import type { Place } from '../../../core/network/latency-matrix';
import { FakeAgent } from '../fake-agent';
import { startHarness, type Answer, type Harness } from '../gateway-harness';

let edge: FakeAgent;
let harness: Harness | undefined;
afterEach(() => harness?.close());

/** Two nodes, `local` (central) and `edge`, each of whose instances say where they are. */
async function open(spec: Record<string, unknown> = {}, ms?: (node: string | undefined) => number): Promise<Harness> {
  edge = new FakeAgent((_, response) => response.end('edge'));
  const agent = new FakeAgent((_, response) => response.end('local'));
  return (harness = await startHarness(spec, {
    agent,
    more: [{ name: 'edge', tier: 'edge', agent: edge }],
    ...(ms ? { distances: { ms: (_: Place, to: Place) => ms(to.node) } } : {}),
  }));
}
const ask = async (times = 1): Promise<string[]> => {
  const answers: string[] = [];
  for (let n = 0; n < times; n++) answers.push(said(await harness!.call('/fn/acme/f')));
  return answers;
};
const said = ({ status, body }: Answer): string => (status === 200 ? body : `${status}`);
const only = (node: string) => [{ node, weight: 100 }];

it('goes to any node as long as the function is placed nowhere, then to its own', async () => {
  const { place } = await open();
  expect(await ask(2)).toEqual(['local', 'local']);
  await place(only('edge'));
  expect(await ask(2)).toEqual(['edge', 'edge']);
});

it('is served by the nearest of several, and by weights while a migration shifts', async () => {
  const { place } = await open({}, (node) => (node === 'edge' ? 5 : 50));
  const both = [{ node: 'local', weight: 50 }, { node: 'edge', weight: 50 }]; // prettier-ignore
  await place(both);
  expect(new Set(await ask(10))).toEqual(new Set(['edge']));
  await place(both, 'migrate/acme/f/1');
  expect(new Set(await ask(60))).toEqual(new Set(['edge', 'local']));
  await place([{ node: 'local', weight: 100 }, { node: 'edge', weight: 0 }], 'migrate/acme/f/1'); // prettier-ignore
  expect(new Set(await ask(10))).toEqual(new Set(['local']));
});

it('keeps what is in flight where it is', async () => {
  const { place, agent, call } = await open();
  await place(only('local'));
  let finish = (): void => undefined;
  agent.handler = (_, response) => {
    response.write('be');
    finish = () => response.end('gun');
  };
  const slow = call('/fn/acme/f');
  while (agent.acquired.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await place(only('edge'));
  expect(await ask()).toEqual(['edge']);
  finish();
  expect(said(await slow)).toBe('begun');
});

it.each(['draining', 'capacity', 'unavailable'] as const)(
  'goes to the next node when the first is %s',
  async (code) => {
    const { place, agent } = await open();
    await place(only('local'));
    agent.onAcquire = () => Promise.reject(new PlatformError(code, 'not here'));
    expect(await ask()).toEqual(['edge']);
  },
);

it('is told what the function said, not asked again elsewhere, when it does not start', async () => {
  const { place, agent } = await open();
  await place(only('local'));
  agent.onAcquire = () => Promise.reject(new PlatformError('start_failed', 'it throws'));
  expect(await ask()).toEqual(['502']);
  expect(edge.acquired).toEqual([]);
});

it('leaves a node whose agent goes away while it waits there', async () => {
  const { place, agent } = await open();
  await place(only('local'));
  agent.onAcquire = () => new Promise(() => undefined);
  const waiting = ask();
  while (agent.acquired.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  agent.goAway();
  expect(await waiting).toEqual(['edge']);
});

it('stays on instances at hand while their agent restarts', async () => {
  const { place, agent } = await open();
  await place(only('local'));
  agent.lingerMs = 60_000;
  expect(await ask()).toEqual(['local']);
  agent.goAway();
  expect(await ask(3)).toEqual(['local', 'local', 'local']);
});

it('spills over to another tier when the queue is longer than a start may take', async () => {
  const { place, agent, call } = await open({ scale: { max: 10 }, timeouts: { start: '250ms' } });
  await place(only('local'));
  agent.lingerMs = 60_000;
  agent.handler = (_, response) => void setTimeout(() => response.end('local'), 100);
  await ask(3);
  agent.onAcquire = () => new Promise(() => undefined);
  const answers = [call('/fn/acme/f')];
  for (let n = 0; n < 7; n++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    answers.push(call('/fn/acme/f'));
  }
  expect((await Promise.all(answers)).map(said).sort()).toEqual(expect.arrayContaining(['edge', 'local', 'local']));
});

it('never goes to a tier that its manifest does not allow', async () => {
  const { agent } = await open({ tier: { allow: ['edge'] } });
  expect(await ask()).toEqual(['edge']);
  expect(agent.acquired).toEqual([]);
  await harness?.close();
  await open({ tier: { allow: ['regional'] } });
  expect(await ask()).toEqual(['503']);
});

it('shares its bound of instances among the nodes, and has it twice only while a migration shifts', async () => {
  const { place, agent, call, broker } = await open({ scale: { max: 1 } });
  agent.lingerMs = 60_000;
  await place(only('local'));
  agent.handler = (_, response) => void setTimeout(() => response.end('local'), 100);
  const both = await Promise.all([call('/fn/acme/f'), call('/fn/acme/f')]);
  expect([both.map(said), broker.leases]).toEqual([['local', 'local'], 1]);
  await place([{ node: 'local', weight: 0 }, { node: 'edge', weight: 100 }], 'migrate/acme/f/1'); // prettier-ignore
  expect(await ask()).toEqual(['edge']);
  expect(broker.leases).toBe(2);
});

it('is not kept from its node by what is left on another', async () => {
  const { place, agent } = await open({ scale: { max: 1 } });
  agent.lingerMs = 60_000;
  await place(only('local'));
  await ask();
  await place(only('edge'));
  expect(await ask()).toEqual(['edge']);
});
