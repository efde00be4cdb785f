import type { AsyncPolicy } from '../../../../core/async/async-policy';
import { nextStep } from '../../../../core/async/next-step';
import type {
  AsyncClaim,
  AsyncQueue,
  AsyncWork,
  AsyncWorkOptions,
  NewAsyncInvocation,
} from '../../../../drivers/async-queue/async-queue';
import { openPostgresAsyncQueue } from '../../../../drivers/async-queue/postgres';
import { invocationId } from '../../../../gateway/invocation/invocation-id';

export const policy: AsyncPolicy = {
  retries: 2,
  firstBackoffMs: 20,
  maxBackoffMs: 100,
  maxAgeMs: 600_000,
  resultsForMs: 60_000,
  deadLettersForMs: 120_000,
  onSuccess: null,
  onFailure: null,
};

export function openQueue(url: string): AsyncQueue {
  return openPostgresAsyncQueue(url, { newId: () => invocationId(Date.now()) });
}

/** An invocation of the function `f` of `acme`. */
export function invocation(change: Partial<NewAsyncInvocation> = {}): NewAsyncInvocation {
  return {
    id: invocationId(Date.now()),
    tenant: 'acme',
    functionId: 'f-id',
    function: 'f',
    alias: 'live',
    origin: 'http',
    policy,
    idempotency: null,
    request: {
      method: 'POST',
      path: '/pay?x=1',
      headers: ['content-type', 'text/plain'],
      body: { inline: Buffer.from('ping'), digest: null, length: 4 },
      remoteAddress: '127.0.0.1',
    },
    ...change,
  };
}

/** Works a queue as a gateway does; `answer` gives the status of each try, 0 for a try that must not be reported. */
export function workOn(
  queue: AsyncQueue,
  gateway: string,
  answer: (claim: AsyncClaim, signal: AbortSignal) => Promise<number> | number,
  options: Partial<AsyncWorkOptions> = {},
): AsyncWork {
  return queue.work({
    gateway,
    slots: 4,
    full: () => [],
    admit: () => Promise.resolve(() => undefined),
    run: async (claim, signal) => {
      const status = await answer(claim, signal);
      if (status !== 0) await report(queue, claim, status);
    },
    ...options,
  });
}

/** Reports a try that the function answered with `status` and the body `answer N`. */
export function report(queue: AsyncQueue, claim: AsyncClaim, status: number): Promise<boolean> {
  const body = Buffer.from(`answer ${claim.try}`);
  const end = { status, errorCode: null, retryAfterMs: null };
  const facts = {
    tries: claim.try,
    failures: claim.failures,
    policy: claim.policy,
    now: Date.now(),
    expiresAt: claim.expiresAt.getTime(),
    random: 0.5,
  };
  return queue.settle({
    id: claim.id,
    try: claim.try,
    step: nextStep(end, facts),
    ms: 1,
    status,
    errorCode: null,
    error: null,
    result: {
      status,
      headers: ['content-type', 'text/plain'],
      body: { inline: body, digest: null, length: body.length },
      truncated: false,
    },
  });
}
