import type { IncomingMessage, ServerResponse } from 'node:http';
import { asyncPolicyOf } from '../../core/async/async-policy';
import { idempotencyKeyOf, requestFingerprint } from '../../core/async/idempotency';
import { isPlatformError, PlatformError, toPlatformError } from '../../core/error/platform-error';
import type { AsyncOrigin } from '../../core/async/async-state';
import type { AsyncQueue, NewAsyncInvocation } from '../../drivers/async-queue/async-queue';
import { authorize } from '../auth/authorize';
import type { RateLimits } from '../admission/rate-limits';
import type { Principal } from '../api/api-context';
import type { RequestAuthenticator } from '../auth/request-authenticator';
import { invocationId } from '../invocation/invocation-id';
import type { InvocationTarget } from '../invocation/invocation-target';
import type { RouteTable } from '../invocation/route-table';
import { traceContextOf } from '../invocation/trace-context';
import { sendProblem } from '../send-problem';
import { acceptDurably } from './accept-durably';
import { tooLarge, type BodyKeeper } from './body-keeper';
import { storedHeaders } from './stored-headers';

/** Longer than the restart of a database takes, shorter than clients wait. */
const PATIENCE_MS = 8_000;

export interface AsyncDoorContext {
  readonly queue: Pick<AsyncQueue, 'accept'>;
  readonly bodies: Pick<BodyKeeper, 'take' | 'drop'>;
  readonly routes: Pick<RouteTable, 'resolve'>;
  readonly auth: Pick<RequestAuthenticator, 'authenticate'>;
  /** Absent: no rate is limited. */
  readonly rates?: Pick<RateLimits, 'take'>;
  readonly log: { error(fields: object, message: string): void };
  /** `gateway.maxBody` of the configuration. */
  readonly maxBodyBytes: number;
  /** How long a request waits for a database that is away; default 8 s. */
  readonly patienceMs?: number;
  /** Told of each acceptance. */
  readonly accepted?: (origin: AsyncOrigin) => void;
}

/** What the taking in of one request needs to know. */
export interface AsyncRequest {
  readonly target: InvocationTarget;
  readonly origin: AsyncOrigin;
  readonly method: string;
  /** The `authorization` header was a token for the platform, and is not kept. */
  readonly tokenUsed?: boolean;
  /** More headers for the function, flat. */
  readonly headers?: readonly string[];
  /** Sees the body, and says at its end whether the request is to be believed. */
  readonly proof?: { update(chunk: Buffer): void; check(): void };
}

/** Takes invocations in that nobody waits for: 202 once they are durable, and not a moment before. */
export class AsyncDoor {
  /** Idempotency keys whose first request is being read just now. */
  readonly #arriving = new Set<string>();

  constructor(private readonly context: AsyncDoorContext) {}

  /** Answers a request with `Prefer: respond-async`, whatever happens. */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    target: InvocationTarget,
    expectsContinue: boolean,
  ): Promise<void> {
    const requestId = invocationId(Date.now());
    try {
      const caller = await this.#authorize(request, target);
      const taken = await this.context.rates?.take(target.tenant, caller);
      for (const [name, value] of Object.entries(taken?.headers ?? {})) response.setHeader(name, value);
      if (taken?.error) throw taken.error;
      const tokenUsed = caller?.credential === 'token';
      if (expectsContinue) response.writeContinue();
      const id = await this.accept(request, { target, origin: 'http', method: request.method ?? 'GET', tokenUsed });
      sendAccepted(response, id);
    } catch (error) {
      const failure = toPlatformError(error);
      if (failure.code === 'internal') this.context.log.error({ err: error, requestId }, 'An acceptance failed');
      sendProblem(response, failure, requestId);
    }
  }

  /**
   * Reads the request's body and writes it down. Gives the id, an old one where the idempotency key is known.
   * @throws PlatformError invalid_argument, conflict, idempotency_mismatch for the key; payload_too_large;
   * function_not_found; unsupported where the function takes none; budget_exhausted; unavailable when it cannot be made durable
   */
  async accept(request: IncomingMessage, asked: AsyncRequest): Promise<string> {
    const { target, origin, method, proof } = asked;
    const key = idempotencyKeyOf(singleHeader(request, 'idempotency-key'));
    const route = this.context.routes.resolve(target, 0);
    if (!route) throw noFunction(target);
    const policy = asyncPolicyOf(route.revision.manifest);
    if (!policy) {
      throw new PlatformError('unsupported', `"${target.function}" takes no asynchronous invocations`, {
        hint: 'Leave the header Prefer out, or set spec.async.enabled: true in function.yaml.',
      });
    }
    // What is accepted is a promise to do it; of what there is no money for, none is given.
    route.spend?.require();
    const { maxBodyBytes } = this.context;
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes);
    const { functionId } = route.revision;
    return this.#alone(key === null ? null : `${functionId}/${key}`, async () => {
      const { body, hash } = await this.context.bodies.take(request, maxBodyBytes, proof?.update.bind(proof));
      try {
        proof?.check();
        const fingerprint = requestFingerprint({
          method,
          alias: target.alias,
          path: target.path,
          contentType: request.headers['content-type'] ?? '',
          bodyHash: hash,
        });
        const made: NewAsyncInvocation = {
          id: invocationId(Date.now()),
          tenant: target.tenant,
          functionId,
          function: target.function,
          alias: target.alias,
          origin,
          policy,
          idempotency: key === null ? null : { key, fingerprint },
          request: {
            method,
            path: target.path,
            headers: [
              ...storedHeaders(request, {
                trace: traceContextOf(request.headers),
                tokenUsed: asked.tokenUsed ?? false,
              }),
              ...(asked.headers ?? []),
            ],
            body,
            remoteAddress: request.socket.remoteAddress ?? null,
          },
        };
        const answer = await acceptDurably(this.context.queue, made, this.context.patienceMs ?? PATIENCE_MS);
        if (answer.created) this.context.accepted?.(origin);
        else await this.context.bodies.drop(body).catch(() => undefined);
        return answer.id;
      } catch (error) {
        // While the database is away nobody knows whether it has the row: the body stays, retention finds it unused.
        if (isPlatformError(error) && !error.retryable) await this.context.bodies.drop(body).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Who was let in; undefined where nobody is asked. */
  async #authorize(request: IncomingMessage, target: InvocationTarget): Promise<Principal | undefined> {
    const route = this.context.routes.resolve(target, 0);
    if (route?.public) return undefined;
    const principal = await this.context.auth.authenticate(request.headers);
    authorize(principal, 'invoke', target.tenant);
    if (!route) throw noFunction(target);
    return principal;
  }

  /** While the first request under a key is being read, the next is told to come again. */
  async #alone(key: string | null, work: () => Promise<string>): Promise<string> {
    if (key === null) return work();
    if (this.#arriving.has(key)) {
      throw new PlatformError('conflict', 'A request with this idempotency key is arriving just now', {
        retryAfterSeconds: 1,
        hint: 'Send it again in a moment; it is then answered as the first one.',
      });
    }
    this.#arriving.add(key);
    try {
      return await work();
    } finally {
      this.#arriving.delete(key);
    }
  }
}

/** Where an invocation can be looked at. */
export function asyncLocation(id: string): string {
  return `/v1/async/${id}`;
}

function sendAccepted(response: ServerResponse, id: string): void {
  const body = Buffer.from(JSON.stringify({ id, location: asyncLocation(id) }));
  response.writeHead(202, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.length),
    location: asyncLocation(id),
    'preference-applied': 'respond-async',
    'x-request-id': id,
  });
  response.end(body);
}

function singleHeader(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function noFunction({ tenant, function: name }: InvocationTarget): PlatformError {
  return new PlatformError('function_not_found', `The tenant "${tenant}" has no function "${name}"`);
}
