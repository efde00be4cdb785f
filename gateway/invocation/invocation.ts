import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError, toPlatformError } from '../../core/error/platform-error';
import { admitteeOf } from '../admission/front-door';
import type { RatesTaken } from '../admission/rate-limits';
import type { Principal } from '../api/api-context';
import { authorize } from '../auth/authorize';
import type { UpgradeOffer } from '../front/upgrade-offer';
import { invocationRecordOf, type InvocationProgress } from '../record/invocation-progress';
import { drainBody, sendProblem } from '../send-problem';
import { answerHeaders, problemAnswerHeaders, switchingHead } from './answer-headers';
import { Exchange, type ExchangeEnd } from './exchange';
import { bodyTooLarge, exchangeFailure } from './exchange-failure';
import { requestHeaders, responseHeaders } from './forwarded-headers';
import { isRepeatable, type KeptBody } from './request-body';
import type { InvocationContext } from './invocation-context';
import { invocationId } from './invocation-id';
import type { InvocationTarget } from './invocation-target';
import type { Lease, StartFacts } from './lease';
import type { Grant, LeasePool } from './lease-pool';
import type { RevisionRoute } from './revision-route';
import { traceContextOf } from './trace-context';
import { tunnel } from './tunnel';
import { unlessGone } from './unless-gone';

type UpgradedEnd = Extract<ExchangeEnd, { kind: 'upgraded' }>;

/** Status of a connection that became a WebSocket. */
const SWITCHED = 101;
/** Status that records show for a caller who left before the answer; nobody receives it. */
const CALLER_LEFT = 499;
/** Instances asked for and tried for one request: another one only when nothing was sent to the first. */
const MAX_TRIES = 2;
/** Leases at hand that may prove stale before that: whoever lost their node must not lose every request. */
const MAX_STALE = 16;
/** Longest path that a record keeps. The query is never kept: it may hold secrets. */
const MAX_RECORDED_PATH = 512;

/** What is wanted beyond an answer. */
export interface InvocationWish {
  /** The caller wants a WebSocket. */
  readonly upgrade?: UpgradeOffer | undefined;
  /** One try of an invocation that was accepted before, under the id it has had since. */
  readonly accepted?: { readonly id: string; readonly attempt: number };
}

/** One invocation from its arrival to its record. */
export class Invocation {
  readonly id: string;
  readonly #progress: InvocationProgress;
  readonly #traceparent: string;
  #route: RevisionRoute | undefined;
  #caller: Principal | undefined;
  #rates: Readonly<Record<string, string>> = {};
  #kept: KeptBody | null = null;
  /** Of an instance that was being woken when it got the request: settles when the agent has told how it came to run. */
  #woken: Promise<void> | undefined;

  constructor(
    private readonly context: InvocationContext,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly target: InvocationTarget,
    private expectsContinue: boolean,
    private readonly asked: InvocationWish = {},
  ) {
    const arrivedAt = performance.now();
    const at = new Date();
    const trace = traceContextOf(request.headers.traceparent);
    const query = target.path.indexOf('?');
    this.id = asked.accepted?.id ?? invocationId(at.getTime());
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
      const rates = this.context.rates?.take(route.revision.tenant, this.#caller);
      if (rates) this.#tell(await rates);
      await this.#invoke(route);
    } catch (error) {
      this.#refuse(toPlatformError(error));
    }
  }

  /** Who calls what, and may they? Without a promise where everything is known. */
  #admit(): RevisionRoute | Promise<RevisionRoute> {
    const { context, request, target } = this;
    const route = (this.#route = context.routes.resolve(target, context.random()));
    if (route?.public) return this.#admitted(route);
    const principal = context.auth.authenticateCached(request.headers);
    if (!(principal instanceof Promise)) return this.#admitted(route, principal);
    return principal.then((known) => this.#admitted(route, known));
  }

  #admitted(route: RevisionRoute | undefined, caller?: Principal): RevisionRoute {
    if (caller) authorize(caller, 'invoke', this.target.tenant);
    this.#caller = caller;
    const { tenant, function: name } = this.target;
    if (!route) throw new PlatformError('function_not_found', `The tenant "${tenant}" has no function "${name}"`);
    const { maxBodyBytes } = this.context;
    if (Number(this.request.headers['content-length'] ?? 0) > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
    this.#progress.admittedAt = performance.now();
    return route;
  }

  /** What the rates of its tenant and its key come to. @throws PlatformError rate_limited */
  #tell({ headers, error }: RatesTaken): void {
    this.#rates = headers;
    if (error) throw error;
  }

  async #invoke(route: RevisionRoute): Promise<void> {
    const { admission } = this.context;
    const startBy = performance.now() + route.timeouts.startMs;
    const who = admitteeOf(route);
    const place =
      admission.tryEnter(who) ??
      (await unlessGone(
        this.response,
        (signal) => admission.wait(who, route.timeouts.startMs, signal),
        (unwanted) => admission.leave(unwanted),
      ));
    if (!place) return this.#finish(CALLER_LEFT, null);
    try {
      await this.#tryInstances(route, startBy);
    } finally {
      admission.leave(place);
    }
  }

  async #tryInstances(route: RevisionRoute, startBy: number): Promise<void> {
    const pool = this.context.broker.poolOf(route);
    for (let tries = 0, stale = 0; ;) {
      const atHand = pool.tryTake(this.id, startBy - performance.now());
      const grant = atHand ?? (await this.#wait(pool, startBy - performance.now()));
      if (!grant) return this.#finish(CALLER_LEFT, null);
      const end = await this.#exchange(route, grant);
      if (end.kind === 'upgraded') await this.#tunnel(route, grant.lease, end);
      const left = atHand ? ++stale < MAX_STALE : ++tries < MAX_TRIES;
      const again = end.kind === 'unsent' && left && performance.now() < startBy;
      this.#settle(grant.lease, pool, end);
      if (again) continue;
      return this.#conclude(route, end);
    }
  }

  /** Undefined when the caller leaves meanwhile. */
  #wait(pool: LeasePool, deadlineMs: number): Promise<Grant | undefined> {
    return unlessGone(
      this.response,
      (signal) => pool.wait(this.id, deadlineMs, signal),
      (unwanted) => pool.give(unwanted.lease),
    );
  }

  /** The connection is a WebSocket now, and in flight until it is closed. */
  async #tunnel(route: RevisionRoute, lease: Lease, { socket, headers }: UpgradedEnd): Promise<void> {
    const { upgrade } = this.asked;
    if (!upgrade) throw new PlatformError('internal', 'An instance upgraded a connection that nobody offered');
    const caller = upgrade.take();
    caller.write(switchingHead(headers));
    const withdrawn = (): boolean => !lease.open;
    const { idleMs } = route.timeouts;
    const { streamGraceMs: graceMs } = this.context;
    const moved = await tunnel({ caller, instance: socket, idleMs, withdrawn, graceMs });
    Object.assign(this.#progress, moved);
  }

  #exchange(route: RevisionRoute, { lease, start }: Grant): Promise<ExchangeEnd> {
    this.#progress.node = lease.holder.node;
    this.#progress.instanceId = lease.instanceId;
    if (start instanceof Promise) return this.#exchangeWaking(route, lease, start);
    this.#progress.grantedAt = null;
    this.#started(start);
    return this.#send(route, lease);
  }

  /** An instance that is being woken gets its request at once, unless a retry would need what that cannot give back. */
  async #exchangeWaking(route: RevisionRoute, lease: Lease, start: Promise<StartFacts>): Promise<ExchangeEnd> {
    const progress = this.#progress;
    progress.kind = 'warm';
    progress.cause = lease.wakingCause;
    progress.grantedAt = null;
    if (lease.asleep && isRepeatable(this.request) && !this.asked.upgrade) {
      this.#kept ??= { chunks: [], complete: false };
      this.#woken = start.then((facts) => {
        this.#started(facts);
        progress.sentAt = progress.grantedAt;
      });
      return this.#send(route, lease, this.#woken);
    }
    try {
      this.#started(await start);
    } catch (error) {
      return { kind: 'unsent', error: error as Error };
    }
    return this.#send(route, lease);
  }

  /** The instance runs, since now as far as is known: an answer may have been here before. */
  #started(start: StartFacts): void {
    const progress = this.#progress;
    progress.grantedAt ??= performance.now();
    progress.kind = start.kind;
    progress.cause = start.cause;
    progress.agentQueueMs = start.queueMs;
    progress.sandboxMs = start.sandboxMs;
    progress.readyMs = start.readyMs;
  }

  #send(route: RevisionRoute, lease: Lease, woken?: Promise<void>): Promise<ExchangeEnd> {
    const progress = this.#progress;
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
        webSocket: this.asked.upgrade !== undefined,
        headers: requestHeaders(this.request, {
          invocationId: this.id,
          instanceId: lease.instanceId,
          deadline: Date.now() + Math.round(route.timeouts.totalMs),
          traceparent: this.#traceparent,
          tokenUsed: this.#caller?.credential === 'token',
          attempt: this.asked.accepted?.attempt ?? null,
        }),
        timeouts: route.timeouts,
        maxBodyBytes: this.context.maxBodyBytes,
        woken,
        kept: this.#kept,
        head: (raw) => {
          const { headers, cpuMicros } = responseHeaders(raw);
          progress.cpuMicros = cpuMicros;
          progress.headAt = exchange.headAt;
          // One that was being woken has answered: what is not known to be its own time is the start's.
          if (progress.grantedAt === null) progress.grantedAt = progress.sentAt = exchange.headAt;
          for (const name of Object.keys(this.#rates)) headers.push(name, this.#rates[name] as string);
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
    if (end.kind === 'unsent' || end.kind === 'broken') {
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
      case 'upgraded':
        return this.#finish(SWITCHED, null);
      default:
        return this.#refuse(exchangeFailure(end, route.timeouts, this.context.maxBodyBytes));
    }
  }

  /** Answers with a failure; an answer that has begun can only be cut off. */
  #refuse(error: PlatformError): void {
    if (error.code === 'internal') this.context.log.error({ err: error, requestId: this.id }, 'An invocation failed');
    const status = this.response.headersSent ? this.response.statusCode : error.status;
    if (this.response.headersSent) this.response.destroy();
    else {
      const told = problemAnswerHeaders(this.#progress, this.#route?.revision.number);
      sendProblem(this.response, error, this.id, { ...told, ...this.#rates });
    }
    // Who is not known fills nobody's records, and who is too fast not theirs: metrics count both.
    if (error.code !== 'unauthenticated' && error.code !== 'rate_limited') this.#finish(status, error.code);
  }

  #finish(status: number, errorCode: string | null): void {
    const route = this.#route;
    if (!route) return;
    const end = { endedAt: performance.now(), status, errorCode };
    const record = (): void =>
      this.context.recorder.record(invocationRecordOf(this.#progress, end, route.revision, route.memoryBytes));
    // What the agent tells of the start may come after the answer.
    if (this.#woken) this.#woken.then(record, record);
    else record();
  }
}
