import pino from 'pino';
import { NodeWatch } from '../../../workers/control/node-watch';
import { sampleBeat } from '../../drivers/store/node-contract';
import { createMemoryStore, type MemoryStore } from '../../fakes/memory-store';

let now: number;
let store: MemoryStore;
let moved: string[];
let temporalAway: boolean;
const watches: NodeWatch[] = [];

beforeEach(() => {
  now = 1_000_000;
  store = createMemoryStore(() => new Date(now));
  moved = [];
  temporalAway = false;
});
afterEach(() => Promise.all(watches.splice(0).map((watch) => watch.stop())));

function start(graceMs = 0): void {
  const lost = async (node: string): Promise<void> => {
    if (temporalAway) throw new Error('Temporal is away');
    moved.push(node);
  };
  const watch = new NodeWatch({ store, log: pino({ level: 'silent' }), lost, everyMs: 2, graceMs });
  watches.push(watch);
  watch.start();
}
const events = async () => (await store.events({ tenant: null })).items.map(({ type, node }) => [type, node]);
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 2));
};

test('a silent node is told of once, and its functions are moved', async () => {
  await store.beatNode(sampleBeat({ name: 'edge-1' }));
  await store.beatNode(sampleBeat({ name: 'edge-2' }));
  start();
  now += 9_000;
  await store.beatNode(sampleBeat({ name: 'edge-2' }));
  now += 2_000;
  await until(() => moved.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(moved).toEqual(['edge-1']);
  expect(await events()).toEqual([['node.lost', 'edge-1']]);
});

test('where moves cannot begin they are tried again, also by the next worker', async () => {
  await store.beatNode(sampleBeat({ name: 'edge-1' }));
  now += 11_000;
  temporalAway = true;
  start();
  await until(async () => (await events()).length === 1);
  await watches[0]?.stop();
  expect(moved).toEqual([]);
  temporalAway = false;
  start();
  await until(() => moved.length === 1);
  expect((await events()).length).toBe(1);
});

test('one that came back meanwhile is left alone', async () => {
  await store.beatNode(sampleBeat({ name: 'edge-1' }));
  now += 11_000;
  temporalAway = true;
  start();
  await until(async () => (await events()).length === 1);
  await store.beatNode(sampleBeat({ name: 'edge-1' }));
  temporalAway = false;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(moved).toEqual([]);
});

test('silence counts only when agents have had time to be heard', async () => {
  await store.beatNode(sampleBeat({ name: 'edge-1' }));
  now += 60_000;
  start(3_600_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([moved, await events()]).toEqual([[], []]);
});
