import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A span as a collector is sent it. */
export interface SentSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code?: number };
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<SentSpan, 'service'>[] }[];
  }[];
}

/** Takes OTLP over HTTP in JSON and keeps it. */
export interface OtlpCollector {
  readonly endpoint: string;
  readonly spans: SentSpan[];
  /** Of the requests, with their headers in small letters. */
  readonly requests: { readonly url: string; readonly headers: NodeJS.Dict<string | string[]> }[];
  /** What it answers. */
  status: number;
  close(): Promise<void>;
}

export async function openOtlpCollector(): Promise<OtlpCollector> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      collector.requests.push({ url: request.url ?? '', headers: request.headers });
      if (collector.status === 200) {
        for (const { resource, scopeSpans } of (JSON.parse(body) as Sent).resourceSpans) {
          const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
          for (const { spans } of scopeSpans) collector.spans.push(...spans.map((span) => ({ ...span, service })));
        }
      }
      response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const collector: OtlpCollector = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    requests: [],
    status: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return collector;
}
