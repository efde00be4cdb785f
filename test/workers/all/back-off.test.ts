import fc from 'fast-check';
import { BackOff } from '../../../workers/all/supervisor/back-off';

describe('BackOff', () => {
  it('doubles from a quarter of a second to ten seconds', () => {
    const backOff = new BackOff();
    expect(Array.from({ length: 8 }, () => backOff.next(0))).toEqual([250, 500, 1000, 2000, 4000, 8000, 10000, 10000]);
  });

  it('begins anew after a long life', () => {
    const backOff = new BackOff();
    backOff.next(0);
    backOff.next(29_999);
    expect(backOff.next(30_000)).toBe(250);
    expect(backOff.next(0)).toBe(500);
  });

  it('stays within its bounds whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 })), (lives) => {
        const backOff = new BackOff();
        return lives.map((life) => backOff.next(life)).every((wait) => wait >= 250 && wait <= 10_000);
      }),
    );
  });
});
