import fc from 'fast-check';
import { LogFlood } from '../../../../drivers/sandbox/runc/log-flood';

const line = (text: string) => ({ invocationId: 'i', text });

describe('LogFlood', () => {
  test('passes what is within bounds, unchanged', () => {
    const flood = new LogFlood();
    for (let index = 0; index < 2000; index++) expect(flood.admit(line(`${index}`), 1000)).toEqual([line(`${index}`)]);
    expect(flood.report()).toEqual([]);
  });

  test('leaves lines out beyond and tells so in the next second, before the next line', () => {
    const flood = new LogFlood();
    for (let index = 0; index < 2500; index++) flood.admit(line('x'), 1000);
    expect(flood.admit(line('next'), 2000)).toEqual([
      { invocationId: null, text: expect.stringContaining('500 lines were left out') },
      line('next'),
    ]);
  });

  test('bounds the bytes as well', () => {
    const flood = new LogFlood();
    const big = line('x'.repeat(16384));
    const passed = Array.from({ length: 1000 }, () => flood.admit(big, 5)).flat();
    expect(passed).toHaveLength(256);
  });

  test('every line is either passed or counted', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ count: fc.nat(3000), gap: fc.nat(1500) }), { maxLength: 5 }), (bursts) => {
        const flood = new LogFlood();
        let at = 0;
        let given = 0;
        let seen = 0;
        const take = (lines: readonly { invocationId: string | null; text: string }[]): void => {
          for (const { invocationId, text } of lines) seen += invocationId === null ? parseInt(text.slice(9), 10) : 1;
        };
        for (const { count, gap } of bursts) {
          at += gap;
          given += count;
          for (let index = 0; index < count; index++) take(flood.admit(line('x'), at));
        }
        take(flood.report());
        expect(seen).toBe(given);
      }),
      { numRuns: 30 },
    );
  });
});
