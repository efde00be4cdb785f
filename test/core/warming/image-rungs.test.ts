import fc from 'fast-check';
import { rungsWithImages } from '../../../core/warming/image-rungs';
import { DEFAULT_PRICES } from '../../../core/warming/prices';
import { presage } from '../../../core/warming/policies/presage';
import { slotFunction, type WarmFunction } from '../../../core/warming/warming-policy';

const seconds = { warm: 0.002, local: 0.02, remote: 0.05, cold: 0.5 };
const checkpoint = { rawGb: 0.4, sealedGb: 0.1 };

it('prices each rung of the first instance, and finds the checkpoint for nothing for those beside it', () => {
  const { rungs, furtherRungs } = rungsWithImages(
    { memoryGb: 2, canFreeze: true, checkpoint },
    DEFAULT_PRICES,
    seconds,
  );
  expect(rungs).toEqual([
    { name: 'running', holding: expect.closeTo(33.9), delaySeconds: 0, delayPrice: 0 },
    { name: 'frozen', holding: 33.34, delaySeconds: 0.002, delayPrice: 20 },
    { name: 'local', holding: 0.4 * 16.67 + 0.1 * 0.00875, delaySeconds: 0.02, delayPrice: 200 },
    { name: 'remote', holding: 0.1 * 0.00875, delaySeconds: 0.05, delayPrice: 500 },
    { name: 'nothing', holding: 0, delaySeconds: 0.5, delayPrice: 5_000 },
  ]);
  expect(furtherRungs?.map(({ name, holding }) => [name, holding])).toEqual([
    ['running', expect.closeTo(33.9)],
    ['frozen', 33.34],
    ['local', 0],
  ]);
});

it('has no rung that a node or a function does not have', () => {
  const names = (canFreeze: boolean): string[] =>
    rungsWithImages({ memoryGb: 1, canFreeze, checkpoint: null }, DEFAULT_PRICES, seconds).rungs.map(
      ({ name }) => name,
    );
  expect(names(true)).toEqual(['running', 'frozen', 'nothing']);
  expect(names(false)).toEqual(['running', 'nothing']);
});

it('never has a rung that is faster or dearer than the one before, whatever was measured', () => {
  const time = fc.double({ min: 0, max: 10, noNaN: true });
  const times = fc.record({ warm: time, local: time, remote: time, cold: time });
  fc.assert(
    fc.property(times, fc.double({ min: 0.001, max: 4, noNaN: true }), (measured, rawGb) => {
      const fn = { memoryGb: 1, canFreeze: true, checkpoint: { rawGb, sealedGb: rawGb } };
      const { rungs, furtherRungs = [] } = rungsWithImages(fn, DEFAULT_PRICES, measured);
      for (const list of [rungs, furtherRungs]) {
        list.slice(1).forEach((rung, index) => {
          expect(rung.delaySeconds).toBeGreaterThanOrEqual(list[index]?.delaySeconds ?? 0);
          expect(rung.holding).toBeLessThanOrEqual(list[index]?.holding ?? Infinity);
        });
        expect(list.at(-1)?.holding).toBe(0);
      }
    }),
  );
});

it('lets instances beside the first go where a restore costs less than holding them', () => {
  const fn: WarmFunction = {
    id: 'f',
    memoryGb: 1,
    executeSeconds: 1,
    concurrency: 1,
    min: 0,
    max: 9,
    ...rungsWithImages({ memoryGb: 1, canFreeze: true, checkpoint: null }, DEFAULT_PRICES, seconds),
  };
  const further = rungsWithImages({ memoryGb: 1, canFreeze: true, checkpoint }, DEFAULT_PRICES, seconds).furtherRungs;
  const priced: WarmFunction = further ? { ...fn, furtherRungs: further } : fn;
  expect(slotFunction(priced, 0)).toBe(priced);
  expect(slotFunction(fn, 3)).toBe(fn);
  // Used every one to three minutes: worth holding against a cold start, not against a restore.
  const heldAfterUse = (index: number): number => {
    const slot = presage.of(priced).slot(index);
    let at = 0;
    for (let use = 0; use < 40; use++) {
      slot.release(at);
      slot.use(at, at + 60 + 3 * use);
      at += 60 + 3 * use;
    }
    return slot.release(at).reduce((sum, { from, to }) => sum + to - from, 0);
  };
  expect(heldAfterUse(0)).toBeGreaterThan(100);
  expect(heldAfterUse(1)).toBeLessThan(60);
});
