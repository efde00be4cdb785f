import fc from 'fast-check';
import { otlpJson } from '../../../core/trace/otlp-json';
import type { Span } from '../../../core/trace/span';

const span: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentId: null,
  name: 'call',
  kind: 'server',
  startMs: 1_700_000_000_000.5,
  endMs: 1_700_000_000_001,
  attributes: { text: 'a', whole: 7, part: 0.5, yes: true },
  error: null,
};

interface Told {
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly status: { readonly message?: string };
}

function told(of: Partial<Span>): Told {
  const body = JSON.parse(otlpJson([{ ...span, ...of }], {})) as {
    resourceSpans: { scopeSpans: { spans: Told[] }[] }[];
  };
  return body.resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
}

test('spans as OTLP over HTTP has them in JSON', () => {
  const failed = { ...span, parentId: 'c7ad6b7169203331', error: 'broke' };
  expect(JSON.parse(otlpJson([span, failed], { 'service.name': 'test' }))).toEqual({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'test' } }] },
        scopeSpans: [
          {
            scope: { name: 'presage' },
            spans: [
              {
                traceId: '0af7651916cd43dd8448eb211c80319c',
                spanId: 'b7ad6b7169203331',
                name: 'call',
                kind: 2,
                startTimeUnixNano: '1700000000000500000',
                endTimeUnixNano: '1700000000001000000',
                attributes: [
                  { key: 'text', value: { stringValue: 'a' } },
                  { key: 'whole', value: { intValue: '7' } },
                  { key: 'part', value: { doubleValue: 0.5 } },
                  { key: 'yes', value: { boolValue: true } },
                ],
                status: {},
              },
              expect.objectContaining({ parentSpanId: 'c7ad6b7169203331', status: { code: 2, message: 'broke' } }),
            ],
          },
        ],
      },
    ],
  });
});

test('no spans are no spans', () => {
  expect(JSON.parse(otlpJson([], {}))).toEqual({
    resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ scope: { name: 'presage' }, spans: [] }] }],
  });
});

test('whatever texts say, they come out as they went in', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '"', '\\', '\0\u2028', 'half \ud800'));
  fc.assert(
    fc.property(text, text, text, text, (name, key, value, error) => {
      const one = told({ name, attributes: { [key]: value }, error });
      expect(one.name).toBe(name);
      expect(one.attributes).toEqual([{ key, value: { stringValue: value } }]);
      expect(one.status.message).toBe(error);
    }),
  );
});

test('moments to the nanosecond that milliseconds with fractions hold', () => {
  const moments = fc.double({ min: 1e12, max: 2e12, noNaN: true });
  fc.assert(
    fc.property(moments, (startMs) => {
      const whole = Math.floor(startMs);
      const expected = BigInt(whole) * 1_000_000n + BigInt(Math.round((startMs - whole) * 1e6));
      expect(told({ startMs }).startTimeUnixNano).toBe(String(expected));
    }),
  );
});

test('numbers that JSON has not are texts, as in protobuf', () => {
  const { attributes } = told({ attributes: { a: Number.NaN, b: Infinity, c: 1e300 } });
  expect(attributes.map(({ value }) => value)).toEqual([
    { doubleValue: 'NaN' },
    { doubleValue: 'Infinity' },
    { doubleValue: 1e300 },
  ]);
});
