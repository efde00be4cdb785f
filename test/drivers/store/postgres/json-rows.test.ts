import fc from 'fast-check';
import { jsonRows, storableText } from '../../../../drivers/store/postgres/json-rows';

test('only the names of columns become snake_case', () => {
  const rows = JSON.parse(
    jsonRows([{ functionId: 'f', at: new Date(0), phases: { queueMs: 1 }, node: null }]),
  ) as unknown;
  expect(rows).toEqual([{ function_id: 'f', at: '1970-01-01T00:00:00.000Z', phases: { queueMs: 1 }, node: null }]);
});

test('any string becomes one that UTF-8 and PostgreSQL hold, and a good one stays', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
      const text = storableText(String.fromCharCode(...units));
      expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
      expect(text).not.toContain('\0');
      expect(text).toHaveLength(units.length);
    }),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
      (text) => {
        expect(storableText(text)).toBe(text);
      },
    ),
  );
});
