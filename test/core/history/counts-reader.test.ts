import fc from 'fast-check';
import { CountsReader, MOST_COUNT, type CountsBounds } from '../../../core/history/counts-reader';

function read(text: string, bounds: CountsBounds = { lines: 100, minutes: 100 }) {
  const reader = new CountsReader(bounds);
  reader.push(text);
  const { lines, problems } = reader.end();
  return {
    lines: lines.map(({ id, counts }) => [id, [...counts]]),
    problems: problems.map(({ path, message }) => `${path} ${message}`),
  };
}

test('reads lines of any length, with either end of line, the last one without', () => {
  expect(read('a,1,2,3\r\nb,0\n\nc,007,1000000000')).toEqual({
    lines: [
      ['a', [1, 2, 3]],
      ['b', [0]],
      ['c', [7, MOST_COUNT]],
    ],
    problems: [],
  });
});

test('says all that is wrong at once', () => {
  const text = [
    'id,total',
    'a,1,-2,3,NaN',
    'b,1.5',
    'c,1e3',
    'd,',
    'd,1',
    ',1',
    'e',
    'f,1000000001',
    'g, 1',
    'h,99999999999999999999',
  ];
  expect(read(text.join('\n'))).toEqual({
    lines: [],
    problems: [
      'line 1 (id): minute 0 is "total"',
      'line 2 (a): minute 1 is "-2", and 1 more values are wrong',
      'line 3 (b): minute 0 is "1.5"',
      'line 4 (c): minute 0 is "1e3"',
      'line 5 (d): minute 0 is ""',
      'line 6 names d a second time',
      'line 7 has no name before its first comma',
      'line 8 is a name without counts',
      'line 9 (f): minute 0 is "1000000001"',
      'line 10 (g): minute 0 is " 1"',
      'line 11 (h): minute 0 is "99999999999999999999"',
    ],
  });
  expect(read('').problems).toEqual(['file holds no lines']);
  expect(read(`${'x'.repeat(1_000)},1`).problems).toEqual(['line 1 has a name longer than 200 characters']);
});

test('bounds lines and minutes', () => {
  expect(read('a,1\nb,1\nc,1\n', { lines: 2, minutes: 1 }).problems).toEqual([
    'line 3 is beyond the 2 lines that one file may have',
  ]);
  expect(read('a,1,1,1\n', { lines: 2, minutes: 2 }).problems).toEqual(['line 1 has 3 minutes; 2 are the most']);
});

test('comes to the same however the text is cut, and gives back what was written', () => {
  const line = fc.tuple(
    fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/),
    fc.array(fc.integer({ min: 0, max: MOST_COUNT }), { minLength: 1, maxLength: 30 }),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(line, { selector: ([id]) => id, minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(50)),
      (lines, cuts) => {
        const text = lines.map(([id, counts]) => [id, ...counts].join()).join('\n');
        const reader = new CountsReader({ lines: 8, minutes: 30 });
        let rest = text;
        for (const cut of cuts) {
          reader.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        reader.push(rest);
        const { lines: found, problems } = reader.end();
        expect(problems).toEqual([]);
        expect(found.map(({ id, counts }) => [id, [...counts]])).toEqual(lines);
      },
    ),
  );
});

test('nothing that can be written makes it fail or give what is no count', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(',', '\n', '1', '9', '-', 'a', '.', ' ') }), (text) => {
      const { lines, problems } = read(text, { lines: 3, minutes: 4 });
      expect(lines.length + problems.length).toBeGreaterThan(0);
      for (const [, counts] of lines as [string, number[]][]) {
        expect(counts.length).toBeGreaterThan(0);
        expect(counts.every((count) => Number.isInteger(count) && count >= 0 && count <= MOST_COUNT)).toBe(true);
      }
    }),
  );
});
