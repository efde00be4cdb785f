import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openApiDocument } from '../../../bench/reference/api-page';
import { problem } from '../fake-platform';
import { sampleOf, type Schema } from './sample-of-schema';

interface Described {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

/** Changes of samples: what a job is when it has just begun, or has gone well; what an example names. */
const CHANGES: Readonly<Record<string, (sample: never) => unknown>> = {
  'PUT /v1/functions/{name}': (sample: { deployment: object }) => ({ ...sample, dryRun: false, deployment: { ...sample.deployment, state: 'running' } }), // prettier-ignore
  'POST /v1/migrations': (sample: object) => ({ ...sample, state: 'running' }),
  'POST /v1/secrets/rewrap': (sample: object) => ({ ...sample, failures: [] }),
  'GET /v1/cost/ledger/checks/{id}': (sample: { result: object }) => ({ ...sample, result: { ...sample.result, differences: 0, unpriced: 0 } }), // prettier-ignore
  'GET /v1/functions/{name}/forecast/models': (sample: { items: object[] }) => ({ ...sample, items: sample.items.map((item) => ({ ...item, id: `sha256:3f9a${'0'.repeat(60)}` })) }), // prettier-ignore
};

/** Answers every operation of the OpenAPI document with what that says, and writes down which were called. */
export class DocumentPlatform {
  /** Operations since the last `reset`, each once; calls of functions are none. */
  readonly seen = new Set<string>();
  /** What every request is answered with instead. */
  refusal: { readonly status: number; readonly code: string } | undefined;
  private readonly routes: readonly {
    readonly operation: string;
    readonly matches: RegExp;
    readonly described: Described;
  }[];

  private constructor(
    private readonly server: http.Server,
    private readonly components: Readonly<Record<string, Schema>>,
    paths: Readonly<Record<string, Readonly<Record<string, Described>>>>,
  ) {
    this.routes = Object.entries(paths)
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, described]) => ({
          operation: `${method.toUpperCase()} ${path}`,
          matches: new RegExp(`^${method.toUpperCase()} ${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
          described,
        })),
      )
      // A word goes before a placeholder: /v1/placement/plans before /v1/placement/{id}.
      .sort((a, b) => a.operation.split('{').length - b.operation.split('{').length);
    server.on('request', (request, response) => void this.serve(request, response));
  }

  static async start(): Promise<DocumentPlatform> {
    const { paths, components } = await openApiDocument();
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new DocumentPlatform(server, components.schemas, paths); // prettier-ignore
  }

  get operations(): readonly string[] {
    return this.routes.map(({ operation }) => operation);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    await once(request, 'end');
    const { pathname } = new URL(request.url ?? '/', 'http://here');
    if (pathname.startsWith('/fn/')) return void response.end('an answer');
    const found = this.routes.find(({ matches }) => matches.test(`${request.method} ${pathname}`));
    if (found === undefined)
      return problem(response, 404, 'not_found', { detail: `no operation: ${request.method} ${pathname}` });
    this.seen.add(found.operation);
    if (this.refusal) return problem(response, this.refusal.status, this.refusal.code);
    this.answer(found.operation, found.described, /event-stream/.test(request.headers.accept ?? ''), response);
  }

  private answer(operation: string, { responses }: Described, follows: boolean, response: ServerResponse): void {
    const [status = '200', { content } = {}] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? [];
    const schema = content?.['application/json']?.schema;
    if (schema === undefined) {
      response.writeHead(Number(status));
      return void response.end(status === '204' ? undefined : 'a document');
    }
    const sample = sampleOf(schema, this.components);
    if (follows) {
      const [item] = (sample as { items: unknown[] }).items;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.end(`id: 1\nevent: it\ndata: ${JSON.stringify(item)}\n\n`);
    }
    response.writeHead(Number(status), { 'content-type': 'application/json' });
    const change = CHANGES[operation] as ((value: unknown) => unknown) | undefined;
    response.end(JSON.stringify(change ? change(sample) : sample));
  }
}
