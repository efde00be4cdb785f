import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Place } from '../../core/network/latency-matrix';
import { PlatformError, toPlatformError } from '../../core/error/platform-error';
import type { UpgradeOffer } from '../front/upgrade-offer';
import type { InvocationProgress } from '../record/invocation-progress';
import { FarConnections } from '../upstream/far-connections';
import type { UpstreamPool } from '../upstream/upstream-pool';
import { answerHeaders, switchingHead } from './answer-headers';
import { Exchange, type ExchangeEnd } from './exchange';
import { requestHeaders, responseHeaders } from './forwarded-headers';
import type { InvocationContext } from './invocation-context';
import type { Grant, Lease, StartFacts } from './lease';
import type { LeasePool } from './lease-pool';
import { pagePolicy } from './page-policy';
import { isRepeatable, type KeptBody } from './request-body';
import type { RevisionRoute } from './revision-route';
import type { TraceHeaders } from './trace-context';
import { tunnel } from './tunnel';
import { unlessGone } from './unless-gone';

type UpgradedEnd = Extract<ExchangeEnd, { kind: 'upgraded' }>;

/** Instances asked for and tried for one request: another one only when nothing was sent to the first. */
const MAX_TRIES = 2;
/** Leases at hand that may prove stale before that: whoever lost their node must not lose every request. */
const MAX_STALE = 16;

/** A request that was let in. */
export interface AdmittedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: RevisionRoute;
  /** Where its user is. */
  readonly origin: Place;
  /** Path and query for the function. */
  readonly path: string;
  readonly trace: TraceHeaders;
  /** The caller has shown a token, which is not the function's to see. */
  readonly tokenUsed: boolean;
  /** Of an invocation that was accepted before; null for others. */
  readonly attempt: number | null;
  /** The caller wants a WebSocket. */
  readonly upgrade: UpgradeOffer | undefined;
  /** The caller waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
  /** What the rates tell the caller. */
  readonly rateHeaders: Readonly<Record<string, string>>;
  /** Filled in on the way. */
  readonly progress: InvocationProgress;
}

/** Has one request answered by an instance, or by another where the first has not read it. */
export class InstanceTries {
  /** Of an instance that was being woken when it got the request: settles when the agent has told how it came to run. */
  woken: Promise<void> | undefined;
  #expectsContinue: boolean;
  #kept: KeptBody | null = null;

  constructor(
    private readonly context: Pick<
      InvocationContext,
      'broker' | 'streamGraceMs' | 'maxBodyBytes' | 'injected' | 'pageHosts'
    >,
    private readonly admitted: AdmittedRequest,
  ) {
    this.#expectsContinue = admitted.expectsContinue;
  }

  /**
   * @param startBy until when an instance must be there, milliseconds of `performance.now()`
   * @returns how the last try ended; undefined when the caller left before there was an instance
   * @throws PlatformError when there is none in time
   */
  async run(startBy: number): Promise<ExchangeEnd | undefined> {
    const { route, origin, progress } = this.admitted;
    const { broker } = this.context;
    for (let tries = 0, stale = 0; ;) {
      let pool = broker.poolOf(route, origin);
      const atHand = pool.tryTake(progress.id, startBy - performance.now());
      let grant = atHand;
      if (!grant) {
        const waited = await this.#waitAnywhere(pool, startBy);
        if (!waited) return undefined;
        ({ pool, grant } = waited);
      }
      const end = await this.#exchange(grant);
      if (end.kind === 'upgraded') await this.#tunnel(grant.lease, end);
      const left = atHand ? ++stale < MAX_STALE : ++tries < MAX_TRIES;
      const again = end.kind === 'unsent' && left && performance.now() < startBy;
      this.#settle(grant.lease, pool, end);
      if (!again) return end;
    }
  }

  /**
   * Waits at the first node, and at others where that refuses. Undefined when the caller leaves meanwhile.
   * @throws PlatformError of the last node that was asked
   */
  async #waitAnywhere(first: LeasePool, startBy: number): Promise<{ pool: LeasePool; grant: Grant } | undefined> {
    const { broker } = this.context;
    const { route, origin } = this.admitted;
    for (let pool = first; ;) {
      try {
        const grant = await this.#wait(pool, startBy - performance.now());
        return grant && { pool, grant };
      } catch (error) {
        const left = performance.now() < startBy;
        const other = left ? broker.otherPoolOf(route, origin, pool, toPlatformError(error)) : undefined;
        if (!other) throw error;
        pool = other;
      }
    }
  }

  /** Undefined when the caller leaves meanwhile. */
  #wait(pool: LeasePool, deadlineMs: number): Promise<Grant | undefined> {
    return unlessGone(
      this.admitted.response,
      (signal) => pool.wait(this.admitted.progress.id, deadlineMs, signal),
      (unwanted) => pool.give(unwanted.lease),
    );
  }

  /** The connection is a WebSocket now, and in flight until it is closed. */
  async #tunnel(lease: Lease, { socket, headers }: UpgradedEnd): Promise<void> {
    const { upgrade, route, progress } = this.admitted;
    if (!upgrade) throw new PlatformError('internal', 'An instance upgraded a connection that nobody offered');
    const caller = upgrade.take();
    caller.write(switchingHead(headers));
    const withdrawn = (): boolean => !lease.open;
    const { idleMs } = route.timeouts;
    const { streamGraceMs: graceMs } = this.context;
    const moved = await tunnel({ caller, instance: socket, idleMs, withdrawn, graceMs });
    Object.assign(progress, moved);
  }

  #exchange({ lease, start }: Grant): Promise<ExchangeEnd> {
    const { progress } = this.admitted;
    progress.node = lease.holder.node;
    progress.instanceId = lease.instanceId;
    progress.pricing = lease.pricingFor(progress.callerRegion);
    progress.grantedAt = null;
    if (start instanceof Promise) return this.#exchangeWaking(lease, start);
    this.#started(start);
    return this.#send(lease);
  }

  /** An instance that is being woken gets its request at once, unless a retry would need what that cannot give back. */
  async #exchangeWaking(lease: Lease, start: Promise<StartFacts>): Promise<ExchangeEnd> {
    const { progress, request, upgrade } = this.admitted;
    progress.kind = 'warm';
    progress.cause = lease.wakingCause;
    if (lease.asleep && isRepeatable(request) && !upgrade) {
      this.#kept ??= { chunks: [], complete: false };
      this.woken = start.then((facts) => {
        this.#started(facts);
        progress.sentAt = progress.grantedAt;
      });
      return this.#send(lease, this.woken);
    }
    try {
      this.#started(await start);
    } catch (error) {
      return { kind: 'unsent', error: error as Error };
    }
    return this.#send(lease);
  }

  /** The instance runs, since now as far as is known: an answer may have been here before. */
  #started(start: StartFacts): void {
    const { progress } = this.admitted;
    progress.grantedAt ??= performance.now();
    progress.kind = start.kind;
    progress.cause = start.cause;
    progress.agentQueueMs = start.queueMs;
    progress.sandboxMs = start.sandboxMs;
    progress.readyMs = start.readyMs;
  }

  #send(lease: Lease, woken?: Promise<void>): Promise<ExchangeEnd> {
    const roundTripMs = this.context.injected?.ms(this.admitted.origin, lease.holder.place) ?? 0;
    return roundTripMs === 0
      ? this.#dispatch(lease, lease.connections, woken)
      : this.#sendAfar(lease, roundTripMs, woken);
  }

  /** The request takes half of the round trip to be there, and the answer the other half. */
  async #sendAfar(lease: Lease, roundTripMs: number, woken?: Promise<void>): Promise<ExchangeEnd> {
    const { response, progress } = this.admitted;
    const sentAt = performance.now();
    const there = await unlessGone(
      response,
      (signal) => setTimeout(roundTripMs / 2, true, { signal }),
      () => undefined,
    );
    if (!there) return { kind: 'caller-left' };
    const end = this.#dispatch(lease, new FarConnections(lease.connections, roundTripMs / 2), woken);
    progress.sentAt = sentAt;
    return end;
  }

  #dispatch(lease: Lease, connections: Pick<UpstreamPool, 'dispatch'>, woken?: Promise<void>): Promise<ExchangeEnd> {
    const { request, response, route, path, progress, rateHeaders, upgrade, tokenUsed, attempt, trace } = this.admitted;
    if (this.#expectsContinue) {
      this.#expectsContinue = false;
      response.writeContinue();
    }
    return new Promise((resolve) => {
      const exchange: Exchange = new Exchange({
        request,
        response,
        connections,
        path,
        webSocket: upgrade !== undefined,
        headers: requestHeaders(request, {
          invocationId: progress.id,
          instanceId: lease.instanceId,
          deadline: Date.now() + Math.round(route.timeouts.totalMs),
          trace,
          tokenUsed,
          attempt,
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
          for (const name of Object.keys(rateHeaders)) headers.push(name, rateHeaders[name] as string);
          const policy = pagePolicy(request.headers, this.context.pageHosts);
          if (policy !== undefined) headers.push('content-security-policy', policy);
          return answerHeaders(headers, progress, route.revision.number, !response.shouldKeepAlive);
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
    if (end.kind === 'unsent' && lease.endpoint.kind === 'relay' && !lease.holder.connected) {
      // It was the way that failed, and the instance may be well.
      lease.end({ kind: 'withdrawn' });
    } else if (end.kind === 'unsent' || end.kind === 'broken') {
      lease.end({ kind: 'fault', reason: `connection: ${end.error.message}` });
    } else if (end.kind === 'timeout') {
      lease.end({ kind: 'fault', reason: `function_timeout: ${end.clock}` });
    }
    pool.give(lease, end.kind === 'answered' ? this.admitted.progress : null);
  }
}
