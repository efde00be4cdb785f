import fc from 'fast-check';
import { COST_COMPONENTS } from '../../../core/cost/price-table';
import { StatementSum, type StatedLine } from '../../../core/cost/statement';

const line: fc.Arbitrary<StatedLine> = fc
  .record({
    functionId: fc.constantFrom('f1', 'f2', 'f3'),
    component: fc.constantFrom(...COST_COMPONENTS),
    quantity: fc.nat(),
    amount: fc.bigInt({ min: 0n, max: 10n ** 20n }),
  })
  .map((part) => ({ ...part, function: `name of ${part.functionId}` }));

test('a statement is the sum of its lines, by function and by component, exactly', () => {
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const sum = new StatementSum();
      for (const each of lines) sum.add(each);
      const { functions, parts, amount } = sum.statement();
      const all = (amounts: readonly { readonly amount: bigint }[]): bigint =>
        amounts.reduce((total, each) => total + each.amount, 0n);
      expect(amount).toBe(all(lines));
      expect([all(functions), all(parts)]).toEqual([amount, amount]);
      for (const fn of functions) {
        expect(all(fn.parts)).toBe(fn.amount);
        expect(fn.amount).toBe(all(lines.filter(({ functionId }) => functionId === fn.functionId)));
      }
      const amounts = functions.map((fn) => fn.amount);
      expect([...amounts].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))).toEqual(amounts);
    }),
  );
});

test('parts keep the order of components, with their units', () => {
  const sum = new StatementSum();
  for (const component of ['memory', 'request', 'memory'] as const) {
    sum.add({ functionId: 'f', function: 'pay', component, quantity: 2, amount: 3n });
  }
  expect(sum.statement()).toEqual({
    functions: [{ functionId: 'f', function: 'pay', parts: sum.statement().parts, amount: 9n }],
    parts: [
      { component: 'request', quantity: 2, unit: 'request', amount: 3n },
      { component: 'memory', quantity: 4, unit: 'GB-second', amount: 6n },
    ],
    amount: 9n,
  });
});
