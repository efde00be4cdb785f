import type { MemoryLooks } from '../../../core/cost/advice/memory-looks';
import type { FoundAdvice, MemoryHour } from '../../../drivers/store/advice-store';
import type { Store } from '../../../drivers/store/store';

/** A plausible recommendation. */
export function sampleAdvice(change: Partial<FoundAdvice> = {}): FoundAdvice {
  return {
    id: 'aaaaaaaaaaaa',
    strategy: 'right-size-memory',
    tenant: 'acme',
    function: 'pay',
    title: 'acme/pay is given 256 MiB and never used more than 70: 96 MiB are enough',
    evidence: [{ name: 'peak', value: 73_400_320, unit: 'bytes' }],
    // More than a number holds.
    monthlySaving: 90_071_992_547_409_931n,
    confidence: 'high',
    change: { kind: 'spec', tenant: 'acme', function: 'pay', revision: 3, set: { memory: '96Mi' } },
    ...change,
  };
}

const HOUR = new Date('2026-03-01T10:00:00Z');
const all = { at: HOUR, tenant: null, strategies: null };

export function describeAdvice(current: () => Store): void {
  describe('recommendations', () => {
    let store: Store;
    beforeEach(async () => {
      store = current();
      for (const { id } of await store.advice({ tenant: null }))
        await store.stepAdvice(id, { state: 'open' }, ['open', 'applying', 'watching', 'kept', 'reverted', 'failed']);
      await store.replaceAdvice([], all);
    });

    test('come back as they were found, the greatest saving first, each tenant’s for itself', async () => {
      const small = sampleAdvice({ id: 'bbbbbbbbbbbb', tenant: 'rival', monthlySaving: 5n });
      await store.replaceAdvice([small, sampleAdvice()], all);
      const nothing = { reason: null, appliedBy: null, appliedAt: null, decidedAt: null, workflowId: null };
      expect(await store.findAdvice('aaaaaaaaaaaa')).toEqual({
        ...sampleAdvice(),
        ...nothing,
        state: 'open',
        foundAt: HOUR,
      });
      expect((await store.advice({ tenant: null })).map(({ id }) => id)).toEqual(['aaaaaaaaaaaa', 'bbbbbbbbbbbb']);
      expect((await store.advice({ tenant: 'rival' })).map(({ id }) => id)).toEqual(['bbbbbbbbbbbb']);
      expect(await store.advice({ tenant: null, states: ['kept'] })).toEqual([]);
      expect(await store.findAdvice('cccccccccccc')).toBeNull();
    });

    test('what is found again takes the place of what is open, and of nothing that was decided', async () => {
      const other = sampleAdvice({ id: 'bbbbbbbbbbbb', strategy: 'keep-alive', tenant: null, function: null });
      await store.replaceAdvice([sampleAdvice(), other], all);
      await store.replaceAdvice([], { ...all, strategies: ['consolidation'] });
      await store.replaceAdvice([], { ...all, tenant: 'rival' });
      expect(await store.advice({ tenant: null })).toHaveLength(2);
      await store.stepAdvice('aaaaaaaaaaaa', { state: 'applying', appliedBy: 'key', workflowId: 'w' }, ['open']);
      await store.replaceAdvice([sampleAdvice({ title: 'newer' })], all);
      expect(await store.findAdvice('bbbbbbbbbbbb')).toBeNull();
      expect(await store.findAdvice('aaaaaaaaaaaa')).toMatchObject({ state: 'applying', title: sampleAdvice().title });
      await store.stepAdvice('aaaaaaaaaaaa', { state: 'reverted', reason: 'it lost' }, ['applying']);
      await store.replaceAdvice([sampleAdvice({ title: 'newer' })], all);
      expect(await store.findAdvice('aaaaaaaaaaaa')).toMatchObject({
        state: 'reverted',
        title: 'newer',
        reason: 'it lost',
      });
      await store.stepAdvice('aaaaaaaaaaaa', { state: 'kept' }, ['reverted']);
      await store.replaceAdvice([sampleAdvice()], all);
      expect(await store.findAdvice('aaaaaaaaaaaa')).toMatchObject({ state: 'open', reason: null });
    });

    test('a step is taken from where it may be taken only', async () => {
      await store.replaceAdvice([sampleAdvice()], all);
      const appliedAt = new Date('2026-03-02T00:00:00Z');
      expect(await store.stepAdvice('aaaaaaaaaaaa', { state: 'watching', appliedAt }, ['open'])).toMatchObject({
        state: 'watching',
        appliedAt,
      });
      await expect(store.stepAdvice('aaaaaaaaaaaa', { state: 'applying' }, ['open', 'failed'])).rejects.toMatchObject({
        code: 'precondition_failed',
      });
      await expect(store.stepAdvice('cccccccccccc', { state: 'kept' }, ['open'])).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });

  describe('what was seen of memory', () => {
    const looks = (samples: number, peakBytes: number): MemoryLooks => ({ bins: { 40: samples }, samples, peakBytes });
    const row = (change: Partial<MemoryHour> = {}): MemoryHour => ({
      revisionId: 'r1',
      hour: HOUR,
      node: 'local',
      incarnation: 'i1',
      looks: looks(10, 50e6),
      ...change,
    });

    test('is replaced by agent and hour, and summed over them', async () => {
      const store = current();
      await store.writeMemoryHours([row({ looks: looks(3, 40e6) })]);
      await store.writeMemoryHours([row(), row({ revisionId: 'r2', incarnation: 'i2' })]);
      const next = new Date(HOUR.getTime() + 3_600_000);
      await store.writeMemoryHours([row({ hour: next, node: 'edge-1', looks: looks(5, 70e6) })]);
      const window = { from: new Date(HOUR.getTime() + 1_800_000), to: new Date(next.getTime() + 1) };
      const found = await store.revisionMemory(window);
      expect(found.find(({ revisionId }) => revisionId === 'r1')).toEqual({
        revisionId: 'r1',
        looks: { bins: { 40: 15 }, samples: 15, peakBytes: 70e6 },
        firstHour: HOUR,
        lastHour: next,
      });
      expect(found.find(({ revisionId }) => revisionId === 'r2')?.looks.samples).toBe(10);
      expect(await store.revisionMemory({ from: next, to: next })).toEqual([]);
    });
  });
}
