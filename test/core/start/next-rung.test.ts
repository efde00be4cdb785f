import fc from 'fast-check';
import { nextRung, type LadderSnapshot } from '../../../core/start/next-rung';

const empty: LadderSnapshot = {
  waiting: 1,
  idle: 0,
  frozen: 0,
  coming: 0,
  live: 0,
  max: 4,
  restorable: false,
  restoreSlots: 1,
  coldSlots: 1,
  memoryNeeded: 10,
  memoryFree: 100,
  memoryEvictable: 0,
  hasSlot: true,
};

const snapshots = fc
  .record({
    waiting: fc.nat(6),
    idle: fc.nat(3),
    frozen: fc.nat(3),
    coming: fc.nat(6),
    leased: fc.nat(3),
    max: fc.integer({ min: 1, max: 8 }),
    restorable: fc.boolean(),
    restoreSlots: fc.nat(2),
    coldSlots: fc.nat(2),
    memoryNeeded: fc.integer({ min: 1, max: 50 }),
    memoryFree: fc.nat(100),
    memoryEvictable: fc.nat(100),
    hasSlot: fc.boolean(),
  })
  .map(({ leased, ...rest }): LadderSnapshot => ({ ...rest, live: rest.idle + rest.frozen + rest.coming + leased }));

describe('nextRung', () => {
  it('goes down the ladder: hot, warm, restore, cold', () => {
    expect(nextRung({ ...empty, idle: 1, frozen: 1, live: 2, restorable: true })).toEqual({ step: 'hot' });
    expect(nextRung({ ...empty, frozen: 1, live: 1, restorable: true })).toEqual({ step: 'warm' });
    expect(nextRung({ ...empty, restorable: true })).toEqual({ step: 'restore', evictBytes: 0 });
    expect(nextRung(empty)).toEqual({ step: 'cold', evictBytes: 0 });
  });

  it('shares starts under way and says what it waits for', () => {
    expect(nextRung({ ...empty, coming: 1, live: 1 })).toEqual({ step: 'wait', for: 'start' });
    expect(nextRung({ ...empty, live: 4 })).toEqual({ step: 'wait', for: 'scale' });
    expect(nextRung({ ...empty, hasSlot: false, memoryFree: 9 })).toEqual({ step: 'wait', for: 'functions' });
    expect(nextRung({ ...empty, memoryFree: 9 })).toEqual({ step: 'wait', for: 'memory' });
    expect(nextRung({ ...empty, coldSlots: 0 })).toEqual({ step: 'wait', for: 'slot' });
    expect(nextRung({ ...empty, restorable: true, restoreSlots: 0 })).toEqual({ step: 'wait', for: 'slot' });
    expect(nextRung({ ...empty, memoryFree: 4, memoryEvictable: 6 })).toEqual({ step: 'cold', evictBytes: 6 });
  });

  it('never starts what is not needed, allowed or affordable', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const next = nextRung(snapshot);
        if (next.step !== 'restore' && next.step !== 'cold') return true;
        return (
          snapshot.hasSlot &&
          snapshot.live < snapshot.max &&
          snapshot.coming < snapshot.waiting &&
          snapshot.idle + snapshot.frozen === 0 &&
          snapshot.memoryFree + next.evictBytes >= snapshot.memoryNeeded &&
          next.evictBytes <= snapshot.memoryEvictable
        );
      }),
    );
  });
});
