import fc from 'fast-check';
import { csvCells } from '../../../bench/traces/csv-cells';

test('commas and quotes inside of a quoted cell belong to it', () => {
  expect(csvCells('a,"b, c","say ""no""",')).toEqual(['a', 'b, c', 'say "no"', '']);
});

test('what was quoted by the rule is read back', () => {
  const cells = fc.array(fc.string(), { minLength: 1, maxLength: 6 });
  const written = (all: readonly string[]): string => all.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  fc.assert(fc.property(cells, (all) => expect(csvCells(written(all))).toEqual(all)));
});
