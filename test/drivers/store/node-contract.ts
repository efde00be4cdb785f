import { randomUUID } from 'node:crypto';
import type { NodeBeat } from '../../../drivers/store/node-store';
import type { Store } from '../../../drivers/store/store';
import { noticeBox } from './notice-contract';

export const sampleBeat = (change: Partial<NodeBeat> = {}): NodeBeat => ({
  name: `edge-${randomUUID().slice(0, 8)}`,
  tier: 'edge',
  region: 'eu',
  address: 'unix:/run/edge.sock',
  labels: { rack: '7' },
  capacity: { memoryBytes: 4e9, cpuMillis: 2000, slots: 8 },
  incarnation: randomUUID(),
  ...change,
});

const refused = { code: 'precondition_failed' };

export function describeNodes(current: () => Store): void {
  describe('nodes', () => {
    it('are there with their first heartbeat, ready, and as their last one says', async () => {
      const store = current();
      const beat = sampleBeat();
      expect(await store.beatNode(beat)).toEqual({ intent: 'ready', came: 'new' });
      expect(await store.beatNode({ ...beat, address: 'host:7' })).toEqual({ intent: 'ready', came: null });
      const node = await store.findNode(beat.name);
      expect(node).toMatchObject({ ...beat, address: 'host:7', intent: 'ready', lostAt: null, removedAt: null });
      expect(node?.silentMs).toBeGreaterThanOrEqual(0);
      expect((await store.nodes()).filter(({ name }) => name === beat.name)).toHaveLength(1);
      expect(await store.findNode('nobody')).toBeNull();
    });

    it('keep what was decided for them over heartbeats and new agents', async () => {
      const store = current();
      const beat = sampleBeat();
      await store.beatNode(beat);
      expect(await store.setNodeState(beat.name, 'cordoned', { reason: 'repair' })).toMatchObject({
        intent: 'cordoned',
        reason: 'repair',
      });
      expect(await store.beatNode({ ...beat, incarnation: randomUUID() })).toEqual({ intent: 'cordoned', came: null });
      await expect(store.setNodeState(beat.name, 'drained', { onlyIf: ['draining'] })).rejects.toMatchObject(refused);
      await expect(store.setNodeState('nobody', 'ready')).rejects.toMatchObject({ code: 'not_found' });
    });

    it('are noticed once when they fall silent, and come back with a heartbeat', async () => {
      const store = current();
      const beat = sampleBeat();
      await store.beatNode(beat);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const named = async (): Promise<string[]> => (await store.noticeLostNodes(10)).map(({ name }) => name);
      const [first, second] = await Promise.all([named(), named()]);
      expect([...first, ...second].filter((name) => name === beat.name)).toEqual([beat.name]);
      expect((await store.findNode(beat.name))?.lostAt).toEqual(expect.any(Date));
      expect(await store.beatNode(beat)).toEqual({ intent: 'ready', came: 'back' });
      expect((await store.findNode(beat.name))?.lostAt).toBeNull();
      expect(await store.noticeLostNodes(60_000)).toEqual([]);
    });

    it('are taken out when they are drained or silent, and return only with a new agent', async () => {
      const store = current();
      const beat = sampleBeat();
      await store.beatNode(beat);
      await expect(store.removeNode(beat.name, 60_000)).rejects.toMatchObject(refused);
      await store.setNodeState(beat.name, 'drained');
      expect(await store.removeNode(beat.name, 60_000)).toBe(true);
      expect(await store.removeNode(beat.name, 60_000)).toBe(false);
      expect(await store.findNode(beat.name)).toBeNull();
      expect((await store.nodes()).some(({ name }) => name === beat.name)).toBe(false);
      const gone = (await store.nodes({ removed: true })).find(({ name }) => name === beat.name);
      expect(gone?.removedAt).toEqual(expect.any(Date));
      expect(await store.beatNode(beat)).toEqual({ intent: 'removed', came: null });
      expect(await store.beatNode({ ...beat, incarnation: randomUUID() })).toEqual({ intent: 'ready', came: 'back' });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await store.removeNode(beat.name, 10)).toBe(true);
    });

    it('are where the cluster says, whatever their agents say', async () => {
      const store = current();
      const beat = sampleBeat({ labels: { rack: '7', zone: 'agent' } });
      const description = { tier: 'regional', region: 'us', labels: { zone: 'us-a' } } as const;
      await store.describeNode(beat.name, description);
      expect(await store.findNode(beat.name)).toBeNull();
      await store.beatNode(beat);
      await store.describeNode(beat.name, description);
      const expected = { ...description, labels: { rack: '7', zone: 'us-a' }, address: beat.address };
      expect(await store.findNode(beat.name)).toMatchObject(expected);
      await store.beatNode(beat);
      expect((await store.nodes()).find(({ name }) => name === beat.name)).toMatchObject(expected);
      const box = noticeBox();
      const unsubscribe = await store.subscribe('nodes', box.listener);
      await store.describeNode(beat.name, description);
      await store.describeNode(beat.name, { ...description, region: 'asia' });
      await box.has(beat.name);
      expect(box.payloads.filter((name) => name === beat.name)).toHaveLength(1);
      await unsubscribe();
    });

    it('tell of what changes, and not of each heartbeat', async () => {
      const store = current();
      const box = noticeBox();
      const unsubscribe = await store.subscribe('nodes', box.listener);
      const beat = sampleBeat();
      await store.beatNode(beat);
      await box.has(beat.name);
      box.clear();
      await store.beatNode(beat);
      await store.beatNode({ ...beat, capacity: { ...beat.capacity, slots: 9 } });
      await box.has(beat.name);
      expect(box.payloads.filter((name) => name === beat.name)).toHaveLength(1);
      box.clear();
      await store.setNodeState(beat.name, 'draining');
      await box.has(beat.name);
      await unsubscribe();
    });
  });

  describe('leaves to join', () => {
    it('hold once, and until their time is over', async () => {
      const store = current();
      const token = { node: 'far-1', tier: 'edge', region: 'us', expiresAt: new Date(Date.now() + 60_000) } as const;
      const hash = randomUUID();
      await store.addJoinToken({ ...token, hash });
      const [one, other] = await Promise.all([store.takeJoinToken(hash), store.takeJoinToken(hash)]);
      expect([one, other].filter((taken) => taken !== null)).toEqual([{ ...token, hash }]);
      const late = randomUUID();
      await store.addJoinToken({ ...token, hash: late, expiresAt: new Date(Date.now() - 1) });
      expect(await store.takeJoinToken(late)).toBeNull();
      expect(await store.takeJoinToken('unknown')).toBeNull();
    });
  });
}
