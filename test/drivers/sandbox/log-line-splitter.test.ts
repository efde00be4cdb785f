import fc from 'fast-check';
import { LogLineSplitter } from '../../../drivers/sandbox/log-line-splitter';

describe('LogLineSplitter', () => {
  test('gives the same lines however the bytes are cut', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .filter((line) => !/[\n\x01\x02]/.test(line) && line !== '');
    const line = fc.record({ id: fc.option(fc.stringMatching(/^[a-z0-9-]{1,20}$/)), text });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 10 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (lines, sizes) => {
          const raw = lines.map((each) => `${each.id === null ? '' : `\x01${each.id}\x02`}${each.text}`).join('\n');
          const bytes = Buffer.from(raw);
          const splitter = new LogLineSplitter();
          const found = [];
          for (let at = 0; at < bytes.length;) {
            const size = sizes.next().value;
            found.push(...splitter.push(bytes.subarray(at, at + size)));
            at += size;
          }
          found.push(...splitter.end());
          expect(found).toEqual(lines.map((each) => ({ invocationId: each.id, text: each.text })));
        },
      ),
    );
  });

  test('cuts endless lines and keeps empty ones', () => {
    const splitter = new LogLineSplitter();
    expect(splitter.push(Buffer.alloc(100_000, 'x'))).toEqual([]);
    const [first, second] = splitter.push(Buffer.from('y\n\n'));
    expect(first).toEqual({ invocationId: null, text: 'x'.repeat(16 * 1024) });
    expect(second).toEqual({ invocationId: null, text: '' });
  });

  test('a mark that is no mark stays text', () => {
    expect(new LogLineSplitter().push(Buffer.from('\x01a b\x02c\n'))).toEqual([
      { invocationId: null, text: '\x01a b\x02c' },
    ]);
  });
});
