import { mkdtemp, rm } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { main } from '../../cli/presage';
import type { Terminal } from '../../cli/terminal';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}
type Answer = (seen: Seen, response: ServerResponse) => unknown;

/** A real HTTP server that answers as the control API does: each route gives the JSON of its answer, or writes it itself. */
export class FakePlatform {
  readonly seen: Seen[] = [];
  readonly routes = new Map<string, Answer>();
  private constructor(
    private readonly server: http.Server,
    readonly folder: string,
  ) {
    server.on('request', (request, response) => void this.serve(request, response));
  }

  static async start(): Promise<FakePlatform> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakePlatform(server, await mkdtemp(path.join(tmpdir(), 'presage-cli-')));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** `on('GET /v1/functions', answer)`; a value stands for an answer that is always the same. */
  on(route: string, answer: Answer | object): this {
    this.routes.set(route, typeof answer === 'function' ? (answer as Answer) : () => answer);
    return this;
  }

  /** Requests of a route, in order. */
  requests(route: string): Seen[] {
    return this.seen.filter(({ method, path: at }) => `${method} ${at}` === route);
  }

  reset(): void {
    this.seen.length = 0;
    this.routes.clear();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://fake');
    const seen: Seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    this.seen.push(seen);
    const answer = this.routes.get(`${seen.method} ${seen.path}`) ?? ((_seen, out) => problem(out, 404, 'not_found'));
    const value = await answer(seen, response);
    if (value === undefined) {
      if (!response.headersSent) response.writeHead(204).end();
      return;
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  }
}

/** Answers with a problem document, as the platform words them. */
export function problem(response: ServerResponse, status: number, code: string, more: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/problem+json; charset=utf-8' });
  const body = {
    type: `urn:presage:problem:${code}`,
    title: 'A title',
    status,
    detail: 'A detail',
    code,
    requestId: 'r-1',
  };
  response.end(JSON.stringify({ ...body, ...more }));
}

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface RunOptions {
  readonly cwd?: string;
  readonly home?: string;
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  readonly stopped?: AbortSignal;
  /** Called with all of stdout so far, after each write. */
  readonly onOutput?: (stdout: string) => void;
}

/** Runs one command line as a user would, but for the terminal. */
export async function presage(argv: readonly string[], options: RunOptions = {}): Promise<Run> {
  const out = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr'): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        out[name] += chunk.toString();
        if (name === 'stdout') options.onOutput?.(out.stdout);
        done();
      },
    });
  const terminal: Terminal = {
    stdin: options.stdin === undefined ? new PassThrough().end() : Readable.from([Buffer.from(options.stdin)]),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: options.env ?? {},
    cwd: options.cwd ?? '/nonexistent',
    home: options.home ?? '/nonexistent',
    stopped: options.stopped ?? new AbortController().signal,
  };
  const status = await main(argv, terminal);
  return { status, ...out };
}
