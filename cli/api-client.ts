import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { ERROR_CODES, PlatformError, type ErrorCode, type Problem } from '../core/error/platform-error';
import type { ClientConfig } from './client-config';
import { serverEvents, type ServerEvent, type StreamWatch } from './server-events';
import { readAll } from './terminal';

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ApiRequest {
  readonly query?: Query;
  readonly json?: unknown;
  readonly body?: Readable | Buffer;
  readonly headers?: OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The largest page the API gives. */
const PAGE = 1000;
const QUIET_MS = 60_000;

/** Calls one platform. Failed answers become PlatformErrors with the platform's code, problems, hint and request id. */
export class ApiClient {
  constructor(readonly config: ClientConfig) {}

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.send<T>('GET', path, { query });
  }

  /** The answer's JSON; undefined where there is none. */
  async send<T>(method: string, path: string, request: ApiRequest = {}): Promise<T> {
    const answer = await this.open(method, path, { ...request, query: this.withTenant(request.query) });
    const body = await readAll(answer);
    return (body.length === 0 ? undefined : parseJson(body, this.config)) as T;
  }

  /** Items of a list, over its pages, until `limit`. */
  async list<T>(path: string, query: Query = {}, limit = Infinity): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<T> = await this.get(path, { ...query, limit: Math.min(limit - items.length, PAGE), cursor });
      items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && items.length < limit);
    return items;
  }

  /** Server-sent events until `signal`; a broken stream is taken up again after the last event. */
  follow(path: string, query: Query, signal: AbortSignal, watch: StreamWatch = {}): AsyncGenerator<ServerEvent> {
    const open = async (lastEventId: string | null): Promise<IncomingMessage> => {
      const headers = {
        accept: 'text/event-stream',
        ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
      };
      return this.open('GET', path, { query: this.withTenant(query), headers, signal });
    };
    return serverEvents(open, signal, watch);
  }

  /** The open answer, its body unread. @throws PlatformError for a status of 400 or above */
  async open(method: string, path: string, request: ApiRequest = {}): Promise<IncomingMessage> {
    const answer = await this.exchange(method, path, request);
    if ((answer.statusCode ?? 0) < 400) return answer;
    throw problemOf(answer, await readAll(answer));
  }

  /** The answer whatever its status. @throws PlatformError unavailable when nobody answers */
  exchange(method: string, path: string, request: ApiRequest = {}): Promise<IncomingMessage> {
    const url = new URL(this.config.url + path);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const body = request.json === undefined ? request.body : Buffer.from(JSON.stringify(request.json));
    const headers: OutgoingHttpHeaders = {
      'user-agent': 'presage-cli',
      ...(this.config.apiKey === null ? {} : { authorization: `Bearer ${this.config.apiKey}` }),
      ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(Buffer.isBuffer(body) ? { 'content-length': body.length } : {}),
      ...request.headers,
    };
    return new Promise((resolve, reject) => {
      const { request: open } = url.protocol === 'https:' ? https : http;
      // A connection of its own: an abort would reach one that is kept for the next request while nobody hears its errors.
      const abortable = request.signal && { signal: request.signal, agent: false as const };
      const outgoing = open(url, { method, headers, ...abortable });
      let answered = false;
      outgoing.once('response', (answer) => {
        answered = true;
        // An answer in the middle of an upload is a refusal: the rest is not sent, nor the connection held for it.
        answer.once('end', () => outgoing.writableFinished || outgoing.destroy());
        resolve(answer);
      });
      const fail = (error: Error): void => {
        if (!answered) reject(this.away(error));
      };
      // More than one where it is aborted: none may go unheard.
      outgoing.on('error', fail);
      outgoing.setTimeout(QUIET_MS * 6, () => outgoing.destroy(new Error('no answer for too long')));
      if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
      // A platform that refuses an upload answers before the end of it: then the answer counts, not the broken pipe.
      else pipeline(body, outgoing, (error) => void (error && !outgoing.destroyed && fail(error)));
      if (body && !Buffer.isBuffer(body)) body.once('error', (error) => reject(error));
    });
  }

  private withTenant(query: Query = {}): Query {
    return this.config.tenant === null ? query : { tenant: this.config.tenant, ...query };
  }

  private away(error: Error): PlatformError {
    const reason = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
    return new PlatformError('unavailable', `No platform answers at ${this.config.url} (${reason})`, {
      cause: error,
      hint: `Start one with "npm start", or name another with --url. This address came from ${this.config.from}.`,
    });
  }
}

/** What the platform said of a failure, or as much as can be told of an answer that is not the platform's. */
export function problemOf(answer: IncomingMessage, body: Buffer): PlatformError {
  const status = answer.statusCode ?? 0;
  const problem = readProblem(body);
  if (!problem) {
    const text = body.toString('utf8', 0, 200).trim();
    return new PlatformError('internal', `The answer was HTTP ${status}${text ? `: ${text}` : ''}`, {
      hint: 'This does not look like an answer of Presage: is the address right?',
    });
  }
  const known = problem.code !== undefined && Object.hasOwn(ERROR_CODES, problem.code);
  return new PlatformError(
    known ? (problem.code as ErrorCode) : 'internal',
    problem.detail ?? problem.title ?? `HTTP ${status}`,
    {
      cause: problem,
      problems: problem.errors ?? [],
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    },
  );
}

/** problem+json (RFC 9457) with our extensions, as far as an answer has them. */
export interface ProblemAnswer {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly requestId?: string;
  readonly hint?: string;
  readonly errors?: readonly Problem[];
}

function readProblem(body: Buffer): ProblemAnswer | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const isProblem = typeof value === 'object' && value !== null && 'code' in value && 'title' in value;
    return isProblem ? (value as ProblemAnswer) : null;
  } catch {
    return null;
  }
}

function parseJson(body: Buffer, config: ClientConfig): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new PlatformError('internal', `What answers at ${config.url} is not a Presage platform`, { cause: error });
  }
}
