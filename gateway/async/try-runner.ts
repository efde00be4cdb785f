import type { TryEnd } from '../../core/async/next-step';
import { toPlatformError, type ErrorCode } from '../../core/error/platform-error';
import type { AsyncClaim } from '../../drivers/async-queue/async-queue';
import type { InvocationRecord } from '../../drivers/store/store';
import type { Principal } from '../api/api-context';
import { Invocation } from '../invocation/invocation';
import type { InvocationContext } from '../invocation/invocation-context';
import type { BodyKeeper } from './body-keeper';
import { KeptResponse, type KeptAnswer } from './kept-response';
import { requireSendable, StoredRequest } from './stored-request';

/** How one try ended. */
export interface TryOutcome extends TryEnd {
  readonly error: string | null;
  /** The answer, whoever made it; null when there is none to keep. */
  readonly answer: KeptAnswer | null;
}

export interface TryRunnerContext {
  /** The invocation path that callers who wait go through too; who calls was checked at the acceptance. */
  readonly invocations: Omit<InvocationContext, 'auth'>;
  readonly bodies: BodyKeeper;
}

/** Has an accepted invocation answered by an instance. */
export class TryRunner {
  constructor(private readonly context: TryRunnerContext) {}

  /** Never rejects. `signal` breaks the try off. */
  async run(claim: AsyncClaim, signal: AbortSignal): Promise<TryOutcome> {
    try {
      return await this.#invoke(claim, signal);
    } catch (error) {
      const failure = toPlatformError(error);
      if (failure.code === 'internal') {
        this.context.invocations.log.error({ err: error, invocation: claim.id }, 'An asynchronous try failed');
      }
      return failed(failure.code, failure.message);
    }
  }

  async #invoke(claim: AsyncClaim, signal: AbortSignal): Promise<TryOutcome> {
    const { invocations, bodies } = this.context;
    requireSendable(claim.request);
    const request = new StoredRequest(claim.request, await bodies.open(claim.request.body));
    const response = new KeptResponse(request, bodies, invocations.maxBodyBytes);
    const principal: Principal = { keyId: 'async', credential: 'key', tenant: claim.tenant, scopes: ['invoke'] };
    let record: InvocationRecord | undefined;
    const context: InvocationContext = {
      ...invocations,
      auth: { authenticateCached: () => principal },
      recorder: {
        record: (made) => {
          record = made;
          invocations.recorder.record({ ...made, attempt: claim.try });
        },
      },
    };
    const target = { tenant: claim.tenant, function: claim.function, alias: claim.alias, path: claim.request.path };
    const ofOurs = claim.origin === 'cron' || claim.origin === 'destination';
    const accepted = { id: claim.id, attempt: claim.try, acceptedAt: claim.acceptedAt, ofOurs };
    const leave = (): void => response.leave();
    signal.addEventListener('abort', leave, { once: true });
    try {
      if (signal.aborted) return failed('draining', 'The try was broken off before it began');
      await new Invocation(context, request, response, target, false, { accepted }).run();
    } finally {
      signal.removeEventListener('abort', leave);
      request.destroy();
      response.destroy();
    }
    const answer = await response.answer;
    if (signal.aborted && !answer) return failed('draining', 'The try was broken off');
    return outcomeOf(answer, record);
  }
}

function outcomeOf(answer: KeptAnswer | null, record: InvocationRecord | undefined): TryOutcome {
  const problem = answer && problemOf(answer);
  const errorCode = (record?.errorCode ?? problem?.code ?? null) as ErrorCode | null;
  if (!answer) return failed(errorCode ?? 'handler_failed', 'The function broke its answer off');
  const retryAfter = Number(headerOf(answer.headers, 'retry-after'));
  return {
    status: answer.status,
    errorCode,
    error: errorCode === null ? null : (problem?.detail ?? null),
    retryAfterMs: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1000 : null,
    answer,
  };
}

function failed(errorCode: ErrorCode, error: string): TryOutcome {
  return { status: null, errorCode, error, retryAfterMs: null, answer: null };
}

/** The platform's own problem document; a function's is its answer. */
function problemOf({ headers, body }: KeptAnswer): { code: string; detail: string } | null {
  if (!headerOf(headers, 'content-type')?.startsWith('application/problem+json') || !body.inline) return null;
  try {
    const value = JSON.parse(body.inline.toString('utf8')) as { type?: unknown; code?: unknown; detail?: unknown };
    const ours = typeof value.type === 'string' && value.type.startsWith('urn:presage:problem:');
    return ours ? { code: String(value.code), detail: String(value.detail) } : null;
  } catch {
    return null;
  }
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  const at = headers.findIndex((word, index) => index % 2 === 0 && word.toLowerCase() === name);
  return at === -1 ? undefined : headers[at + 1];
}
