import fc from 'fast-check';
import {
  chooseEvictions,
  chooseFunction,
  evictionOrder,
  valuePerByte,
  type EvictionCandidate,
} from '../../../core/agent/eviction-order';

const candidate = (id: string, change: Partial<EvictionCandidate> = {}): EvictionCandidate => ({
  id,
  bytes: 100,
  restartMs: 20,
  ratePerSecond: null,
  idleMs: 1000,
  promised: false,
  ...change,
});
const candidates = fc.uniqueArray(
  fc.record<EvictionCandidate>({
    id: fc.string({ minLength: 1, maxLength: 4 }),
    bytes: fc.integer({ min: 1, max: 1000 }),
    restartMs: fc.integer({ min: 1, max: 5000 }),
    ratePerSecond: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
    idleMs: fc.nat(1e6),
    promised: fc.boolean(),
  }),
  { selector: (item) => item.id, maxLength: 12 },
);

describe('evictionOrder', () => {
  it('gives up first what is cheap to bring back, large and long unused', () => {
    const order = evictionOrder([
      candidate('dear', { restartMs: 400 }),
      candidate('cheap'),
      candidate('large', { bytes: 1000 }),
      candidate('promised', { bytes: 5000, promised: true }),
      candidate('forecast', { ratePerSecond: 50 }),
      candidate('old', { idleMs: 500_000 }),
    ]);
    expect(order.map((item) => item.id)).toEqual(['old', 'large', 'cheap', 'dear', 'forecast', 'promised']);
  });

  it('chooses enough and nothing needless', () => {
    fc.assert(
      fc.property(candidates, fc.nat(3000), (given, bytes) => {
        const chosen = chooseEvictions(given, bytes);
        const size = (ids: readonly string[]): number =>
          given.filter((item) => ids.includes(item.id)).reduce((sum, item) => sum + item.bytes, 0);
        const total = size(given.map((item) => item.id));
        if (chosen === null) return total < bytes;
        return size(chosen) >= bytes && (chosen.length === 0 || size(chosen.slice(0, -1)) < bytes);
      }),
    );
  });

  it('never gives up a promised one while another is left', () => {
    fc.assert(
      fc.property(candidates, (given) => {
        const order = evictionOrder(given);
        const first = order.findIndex((item) => item.promised);
        const values = order.slice(0, first < 0 ? order.length : first).map(valuePerByte);
        expect(first < 0 || order.slice(first).every((item) => item.promised)).toBe(true);
        expect(values).toEqual([...values].sort((a, b) => a - b));
      }),
    );
  });
});

describe('chooseFunction', () => {
  it('takes the one whose instances save least, and one to which something was promised last', () => {
    const functions = {
      promised: [candidate('a', { promised: true, restartMs: 1 })],
      several: [candidate('b'), candidate('c')],
      one: [candidate('d')],
    };
    expect(chooseFunction(new Map(Object.entries(functions)))).toBe('one');
    expect(chooseFunction(new Map(Object.entries({ promised: functions.promised })))).toBe('promised');
    expect(chooseFunction(new Map())).toBeNull();
  });
});
