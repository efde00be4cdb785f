import type { IncomingMessage, ServerResponse } from 'node:http';
import { pricingText } from '../../core/cost/pricing';
import { UNKNOWN_TIER } from '../../core/cost/price-table';
import type { Place } from '../../core/network/latency-matrix';
import { PlatformError, toPlatformError, type ErrorCode } from '../../core/error/platform-error';
import { admitteeOf } from '../admission/front-door';
import type { RatesTaken } from '../admission/rate-limits';
import type { Principal } from '../api/api-context';
import { authorize } from '../auth/authorize';
import type { CoveredFunction } from '../budget/covered-function';
import type { UpgradeOffer } from '../front/upgrade-offer';
import { invocationRecordOf, type InvocationProgress } from '../record/invocation-progress';
import { drainBody, sendProblem } from '../send-problem';
import { problemAnswerHeaders } from './answer-headers';
import type { ExchangeEnd } from './exchange';
import { bodyTooLarge, exchangeFailure } from './exchange-failure';
import { InstanceTries } from './instance-tries';
import type { InvocationContext } from './invocation-context';
import { invocationId } from './invocation-id';
import type { InvocationTarget } from './invocation-target';
import type { RevisionRoute } from './revision-route';
import { traceContextOf, traceHeaders, type TraceContext } from './trace-context';
import { unlessGone } from './unless-gone';

/** Status of a connection that became a WebSocket. */
const SWITCHED = 101;
/** Status that records show for a caller who left before the answer; nobody receives it. */
const CALLER_LEFT = 499;
/** Who is not known fills nobody's records, and who is too fast or has no money not theirs: metrics count them. */
const UNRECORDED: ReadonlySet<ErrorCode> = new Set([
  'unauthenticated',
  'rate_limited',
  'budget_exhausted',
  'budget_queue',
]);
/** Longest path that a record keeps. The query is never kept: it may hold secrets. */
const MAX_RECORDED_PATH = 512;

/** What is wanted beyond an answer. */
export interface InvocationWish {
  /** The caller wants a WebSocket. */
  readonly upgrade?: UpgradeOffer | undefined;
  /** One try of an invocation that was accepted before, under the id it has had since. */
  readonly accepted?: {
    readonly id: string;
    readonly attempt: number;
    readonly acceptedAt: Date;
    /** The platform itself made the request: it comes from nowhere. */
    readonly ofOurs: boolean;
  };
}

/** One invocation from its arrival to its record. */
export class Invocation {
  readonly id: string;
  readonly #progress: InvocationProgress;
  readonly #trace: TraceContext;
  /** Where it comes from: the node of the function that calls, where that is one, or its user. */
  readonly #origin: Place;
  #route: RevisionRoute | undefined;
  #spanId: string | null = null;
  #caller: Principal | undefined;
  #rates: Readonly<Record<string, string>> = {};
  #tries: InstanceTries | undefined;

  constructor(
    private readonly context: InvocationContext,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly target: InvocationTarget,
    private readonly expectsContinue: boolean,
    private readonly asked: InvocationWish = {},
  ) {
    const arrivedAt = performance.now();
    const at = new Date();
    const given = traceContextOf(request.headers);
    const trace = (this.#trace = context.traces?.begun(given) ?? given);
    const { accepted } = asked;
    const calledAt = accepted?.acceptedAt ?? at;
    const ofOurs = accepted?.ofOurs === true;
    const caller = ofOurs ? null : context.callers.callerOf(trace, target.tenant, calledAt.getTime());
    const node = caller?.node ?? null;
    const from = node === null ? undefined : context.placeOf?.(node);
    this.#origin = from ?? context.places.of(request);
    const query = target.path.indexOf('?');
    this.id = accepted?.id ?? invocationId(at.getTime());
    this.#progress = {
      id: this.id,
      at,
      arrivedAt,
      method: request.method ?? 'GET',
      path: target.path.slice(0, query === -1 ? MAX_RECORDED_PATH : Math.min(query, MAX_RECORDED_PATH)),
      traceId: trace.traceId,
      caller,
      userRegion: ofOurs || caller ? null : this.#origin.region,
      callerRegion: ofOurs ? null : caller ? this.#origin.region : undefined,
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
      pricing: null,
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
      const { spend } = route;
      if (spend === null) await this.#invoke(route);
      else await this.#invokeWithin(spend, route);
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

  /** @throws PlatformError budget_exhausted before anything is asked for */
  async #invokeWithin(spend: CoveredFunction, route: RevisionRoute): Promise<void> {
    const held = spend.enter();
    try {
      await this.#invoke(route);
    } finally {
      spend.leave(held);
    }
  }

  async #invoke(route: RevisionRoute): Promise<void> {
    const { admission } = this.context;
    const startBy = performance.now() + route.timeouts.startMs;
    const who = admitteeOf(route);
    const place =
      admission.tryEnter(who) ??
      (await unlessGone(
        this.response,
        (signal) =>
          admission.wait(who, route.timeouts.startMs, signal).catch((error: unknown) => {
            throw route.spend?.overflow(toPlatformError(error)) ?? error;
          }),
        (unwanted) => admission.leave(unwanted),
      ));
    if (!place) return this.#finish(CALLER_LEFT, null);
    try {
      const tries = (this.#tries = this.#triesFor(route));
      const end = await tries.run(startBy);
      if (end) this.#conclude(route, end);
      else this.#finish(CALLER_LEFT, null);
    } finally {
      admission.leave(place);
    }
  }

  #triesFor(route: RevisionRoute): InstanceTries {
    const { callers, traces } = this.context;
    const spanId = (this.#spanId = callers.mark(route.revision.functionId, this.#trace, this.#progress.at.getTime()));
    const trace = traceHeaders(this.#trace, spanId);
    traces?.calling(this.id, this.#trace, trace.traceparent);
    return new InstanceTries(this.context, {
      request: this.request,
      response: this.response,
      route,
      origin: this.#origin,
      path: this.target.path,
      trace,
      tokenUsed: this.#caller?.credential === 'token',
      attempt: this.asked.accepted?.attempt ?? null,
      upgrade: this.asked.upgrade,
      expectsContinue: this.expectsContinue,
      rateHeaders: this.#rates,
      progress: this.#progress,
    });
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
    if (!UNRECORDED.has(error.code)) this.#finish(status, error.code);
  }

  #finish(status: number, errorCode: string | null): void {
    const route = this.#route;
    if (!route) return;
    const { priceTable: table } = this.context;
    const { slaMs } = route;
    // Who got no instance pays nothing; where that took longer than the promised latency, it is credited.
    if (this.#progress.node === null && table !== undefined && slaMs !== null) {
      this.#progress.pricing = pricingText({ table, tier: UNKNOWN_TIER, region: null, slaMs });
    }
    const end = { endedAt: performance.now(), status, errorCode };
    const { recorder, traces, spent } = this.context;
    const record = (): void => {
      const made = invocationRecordOf(this.#progress, end, route.revision, route.memoryBytes);
      if (route.spend !== null) spent?.(route.spend, made);
      recorder.record(made);
      if (!traces) return;
      const { tenant, function: name, number } = route.revision;
      const call = { trace: this.#trace, spanId: this.#spanId };
      traces.ended(call, this.#progress, { ...end, tenant, function: name, revision: number });
    };
    // What the agent tells of the start may come after the answer.
    const woken = this.#tries?.woken;
    if (woken) woken.then(record, record);
    else record();
  }
}
