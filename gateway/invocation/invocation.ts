import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError, toPlatformError } from '../../core/error/platform-error';
import type { Principal } from '../api/api-context';
import { authorize } from '../auth/authorize';
import type { RequestAuthenticator } from '../auth/request-authenticator';
import { invocationRecordOf, type InvocationProgress } from '../record/invocation-progress';
import type { InvocationRecorder } from '../record/invocation-recorder';
import { drainBody, sendProblem } from '../send-problem';
import { answerHeaders, problemAnswerHeaders } from './answer-headers';
import { Exchange, type ExchangeEnd } from './exchange';
import { requestHeaders, responseHeaders } from './forwarded-headers';
import type { InstanceBroker } from './instance-broker';
import { invocationId } from './invocation-id';
import type { InvocationTarget } from './invocation-target';
import type { Lease } from './lease';
import type { Grant, LeasePool } from './lease-pool';
import { refuseUnsupported } from './refuse-unsupported';
import type { RevisionRoute } from './revision-route';
import type { RouteTable } from './route-table';
import { traceContextOf } from './trace-context';

/** What the log gets of an invocation path gone wrong; pino's is one. */
export interface InvocationLog {
  error(fields: object, message: string): void;
}

export interface InvocationContext {
  readonly routes: Pick<RouteTable, 'resolve'>;
  readonly auth: Pick<RequestAuthenticator, 'authenticateCached'>;
  readonly broker: Pick<InstanceBroker, 'poolOf'>;
  readonly recorder: Pick<InvocationRecorder, 'record'>;
  readonly log: InvocationLog;
  /** `gateway.maxBody` of the configuration. */
  readonly maxBodyBytes: number;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
}

/** Status that records show for a caller who left before the answer; nobody receives it. */
const CALLER_LEFT = 499;
/** Instances tried for one request; only those count again that nothing was sent to. */
const MAX_TRIES = 4;
/** Longest path that a record keeps. The query is never kept: it may hold secrets. */
const MAX_RECORDED_PATH = 512;

/** One invocation from its arrival to its record. */
export class Invocation {
  readonly id: string;
  readonly #progress: InvocationProgress;
  readonly #traceparent: string;
  #route: RevisionRoute | undefined;
  #tokenUsed = false;

  constructor(
    private readonly context: InvocationContext,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly target: InvocationTarget,
    private expectsContinue: boolean,
    /** One try of an invocation that was accepted before, under the id it has had since. */
    private readonly accepted: { readonly id: string; readonly attempt: number } | null = null,
  ) {
    const arrivedAt = performance.now();
    const at = new Date();
    const trace = traceContextOf(request.headers.traceparent);
    const query = target.path.indexOf('?');
    this.id = accepted?.id ?? invocationId(at.getTime());
    this.#traceparent = trace.traceparent;
    this.#progress = {
      id: this.id,
      at,
      arrivedAt,
      method: request.method ?? 'GET',
      path: target.path.slice(0, query === -1 ? MAX_RECORDED_PATH : Math.min(query, MAX_RECORDED_PATH)),
      traceId: trace.traceId,
      admittedAt: null,
      grantedAt: null,
      sentAt: null,
      headAt: null,
      kind: null,
      cause: null,
      agentQueueMs: 0,
      sandboxMs: 0,
      readyMs: 0,
      node: null,
      instanceId: null,
      cpuMicros: null,
      bytesIn: 0,
      bytesOut: 0,
    };
  }

  /** Answers the request, whatever happens. */
  async run(): Promise<void> {
    try {
      const admitted = this.#admit();
      const route = admitted instanceof Promise ? await admitted : admitted;
      await this.#invoke(route);
    } catch (error) {
      this.#refuse(toPlatformError(error));
    }
  }

  /** Who calls what, and may they? Without a promise where everything is known. */
  #admit(): RevisionRoute | Promise<RevisionRoute> {
    const { context, request, target } = this;
    refuseUnsupported(request);
    const route = (this.#route = context.routes.resolve(target, context.random()));
    if (route?.public) return this.#admitted(route);
    const principal = context.auth.authenticateCached(request.headers);
    if (!(principal instanceof Promise)) {
      return this.#authorized(principal, route);
    }
    return principal.then((known) => this.#authorized(known, route));
  }

  #authorized(principal: Principal, route: RevisionRoute | undefined): RevisionRoute {
    authorize(principal, 'invoke', this.target.tenant);
    this.#tokenUsed = principal.credential === 'token';
    return this.#admitted(route);
  }

  #admitted(route: RevisionRoute | undefined): RevisionRoute {
    const { tenant, function: name } = this.target;
    if (!route) throw new PlatformError('function_not_found', `The tenant "${tenant}" has no function "${name}"`);
    const { maxBodyBytes } = this.context;
    if (Number(this.request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes);
    this.#progress.admittedAt = performance.now();
    return route;
  }

  async #invoke(route: RevisionRoute): Promise<void> {
    const pool = this.context.broker.poolOf(route);
    const startBy = performance.now() + route.timeouts.startMs;
    for (let tries = 1; ; tries++) {
      const grant = pool.tryTake() ?? (await this.#wait(pool, startBy - performance.now()));
      if (!grant) return this.#finish(CALLER_LEFT, null);
      const end = await this.#exchange(route, grant);
      const again = end.kind === 'unsent' && tries < MAX_TRIES && performance.now() < startBy;
      this.#settle(grant.lease, pool, end);
      if (again) continue;
      return this.#conclude(route, end);
    }
  }

  /** Undefined when the caller leaves meanwhile. */
  async #wait(pool: LeasePool, deadlineMs: number): Promise<Grant | undefined> {
    const gone = new AbortController();
    const onClose = (): void => gone.abort();
    this.response.once('close', onClose);
    try {
      const grant = await pool.wait(this.id, deadlineMs, gone.signal);
      if (!gone.signal.aborted) return grant;
      pool.give(grant.lease);
      return undefined;
    } catch (error) {
      if (gone.signal.aborted) return undefined;
      throw error;
    } finally {
      this.response.off('close', onClose);
    }
  }

  #exchange(route: RevisionRoute, { lease, start }: Grant): Promise<ExchangeEnd> {
    const progress = this.#progress;
    progress.grantedAt = performance.now();
    progress.kind = start.kind;
    progress.cause = start.cause;
    progress.agentQueueMs = start.queueMs;
    progress.sandboxMs = start.sandboxMs;
    progress.readyMs = start.readyMs;
    progress.node = lease.holder.node;
    progress.instanceId = lease.instanceId;
    if (this.expectsContinue) {
      this.expectsContinue = false;
      this.response.writeContinue();
    }
    return new Promise((resolve) => {
      const exchange: Exchange = new Exchange({
        request: this.request,
        response: this.response,
        connections: lease.connections,
        path: this.target.path,
        headers: requestHeaders(this.request, {
          invocationId: this.id,
          instanceId: lease.instanceId,
          deadline: Date.now() + Math.round(route.timeouts.totalMs),
          traceparent: this.#traceparent,
          tokenUsed: this.#tokenUsed,
          attempt: this.accepted?.attempt ?? null,
        }),
        timeouts: route.timeouts,
        maxBodyBytes: this.context.maxBodyBytes,
        head: (raw) => {
          const { headers, cpuMicros } = responseHeaders(raw);
          progress.cpuMicros = cpuMicros;
          progress.headAt = exchange.headAt;
          return answerHeaders(headers, progress, route.revision.number, !this.response.shouldKeepAlive);
        },
        done: (end) => {
          progress.bytesIn = exchange.bytesIn;
          progress.bytesOut = exchange.bytesOut;
          resolve(end);
        },
      });
      progress.sentAt = exchange.startedAt;
      exchange.start();
    });
  }

  /** What the end of an exchange means for the instance. */
  #settle(lease: Lease, pool: LeasePool, end: ExchangeEnd): void {
    if ((end.kind === 'unsent' && !isCallersMistake(end.error)) || end.kind === 'broken') {
      lease.end({ kind: 'fault', reason: `connection: ${end.error.message}` });
    } else if (end.kind === 'timeout') {
      lease.end({ kind: 'fault', reason: `function_timeout: ${end.clock}` });
    }
    pool.give(lease);
  }

  /** What the end of the last exchange means for the caller. */
  #conclude(route: RevisionRoute, end: ExchangeEnd): void {
    switch (end.kind) {
      case 'answered':
        drainBody(this.request);
        return this.#finish(this.response.statusCode, null);
      case 'caller-left':
        this.response.destroy();
        return this.#finish(this.response.headersSent ? this.response.statusCode : CALLER_LEFT, null);
      case 'too-large':
        return this.#refuse(tooLarge(this.context.maxBodyBytes));
      case 'unsent':
        return this.#refuse(
          isCallersMistake(end.error)
            ? new PlatformError('invalid_argument', `The request cannot be passed on: ${end.error.message}`)
            : new PlatformError('unavailable', 'No instance of the function could be connected to', {
                cause: end.error,
                retryAfterSeconds: 1,
              }),
        );
      case 'broken':
        return this.#refuse(
          new PlatformError('handler_failed', 'The function broke the connection off before its answer was complete', {
            cause: end.error,
            hint: 'A handler that exits or runs out of memory does this; see the logs of the invocation.',
          }),
        );
      case 'timeout': {
        const what = { firstByte: 'begin its answer', idle: 'go on with its answer', total: 'finish' }[end.clock];
        const limit = { firstByte: 'firstByteMs', idle: 'idleMs', total: 'totalMs' } as const;
        return this.#refuse(
          new PlatformError(
            'function_timeout',
            `The function did not ${what} within ${route.timeouts[limit[end.clock]]} ms`,
            {
              hint: `Raise spec.timeouts.${end.clock} in function.yaml if it needs longer.`,
            },
          ),
        );
      }
    }
  }

  /** Answers with a failure; an answer that has begun can only be cut off. */
  #refuse(error: PlatformError): void {
    if (error.code === 'internal') this.context.log.error({ err: error, requestId: this.id }, 'An invocation failed');
    const status = this.response.headersSent ? this.response.statusCode : error.status;
    if (this.response.headersSent) this.response.destroy();
    else sendProblem(this.response, error, this.id, problemAnswerHeaders(this.#progress, this.#route?.revision.number));
    // Who is not known fills nobody's records.
    if (error.code !== 'unauthenticated') this.#finish(status, error.code);
  }

  #finish(status: number, errorCode: string | null): void {
    const route = this.#route;
    if (!route) return;
    const end = { endedAt: performance.now(), status, errorCode };
    this.context.recorder.record(invocationRecordOf(this.#progress, end, route.revision, route.memoryBytes));
  }
}

function tooLarge(maxBodyBytes: number): PlatformError {
  return new PlatformError('payload_too_large', `The body is larger than ${maxBodyBytes} bytes`);
}

/** The HTTP client refuses to send it (a header that cannot be passed on): no instance is at fault. */
function isCallersMistake(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED';
}
