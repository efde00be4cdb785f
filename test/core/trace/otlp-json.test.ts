import { otlpJson } from '../../../core/trace/otlp-json';

test('spans as OTLP over HTTP has them in JSON', () => {
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentId: null,
    name: 'call',
    kind: 'server',
    startMs: 1_700_000_000_000.5,
    endMs: 1_700_000_000_001,
    attributes: { text: 'a', whole: 7, part: 0.5, yes: true },
    error: null,
  } as const;
  expect(
    otlpJson([span, { ...span, parentId: 'c7ad6b7169203331', error: 'broke' }], { 'service.name': 'test' }),
  ).toEqual({
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
