import fc from 'fast-check';
import type { AsyncPolicy } from '../../../core/async/async-policy';
import { backoffMs, nextStep, verdictOf, type TryEnd } from '../../../core/async/next-step';
import { ERROR_CODES, type ErrorCode } from '../../../core/error/platform-error';

const policy: AsyncPolicy = {
  retries: 3,
  firstBackoffMs: 1_000,
  maxBackoffMs: 60_000,
  maxAgeMs: 3_600_000,
  resultsForMs: 1,
  deadLettersForMs: 1,
  onSuccess: null,
  onFailure: null,
};
const end = (status: number | null, errorCode: ErrorCode | null = null): TryEnd => ({
  status,
  errorCode,
  retryAfterMs: null,
});
const facts = { tries: 1, failures: 0, policy, now: 1_000_000, expiresAt: 4_600_000, random: 0 };

test.each([
  [200, null, 'succeeded'],
  [302, null, 'succeeded'],
  [404, null, 'failed'],
  [408, null, 'retry'],
  [429, null, 'retry'],
  [500, null, 'retry'],
  [503, null, 'retry'],
  [null, null, 'retry'],
  [502, 'handler_failed', 'retry'],
  [504, 'function_timeout', 'retry'],
  [502, 'start_failed', 'retry'],
  [503, 'capacity', 'postpone'],
  [402, 'budget_exhausted', 'postpone'],
  [429, 'budget_queue', 'postpone'],
  [503, 'unavailable', 'postpone'],
  [504, 'start_timeout', 'postpone'],
  [503, 'draining', 'postpone'],
  [404, 'function_not_found', 'failed'],
  [413, 'payload_too_large', 'failed'],
] as const)('status %s with %s means %s', (status, errorCode, verdict) => {
  expect(verdictOf(end(status, errorCode))).toBe(verdict);
});

test('only the function’s own failures cost a retry', () => {
  expect(nextStep(end(500), facts)).toMatchObject({ state: 'waiting', failures: 1 });
  expect(nextStep(end(null, 'capacity'), { ...facts, failures: 3 })).toMatchObject({ state: 'waiting', failures: 3 });
  expect(nextStep(end(500), { ...facts, failures: 3 })).toEqual({ state: 'dead', reason: 'it failed 4 time(s)' });
});

test('what cannot be tried before it is too old is dead at once', () => {
  const late = { ...facts, now: facts.expiresAt - 100 };
  expect(nextStep(end(500), late)).toMatchObject({ state: 'dead', reason: expect.stringContaining('maximum age') });
});

test('an answer may ask for a longer wait, but not for days', () => {
  const asked = { ...end(429), retryAfterMs: 120_000 };
  expect(nextStep(asked, facts)).toMatchObject({ state: 'waiting', dueAt: facts.now + 120_000 });
  const days = { ...end(429), retryAfterMs: 1e9 };
  expect(nextStep(days, { ...facts, expiresAt: 1e12 })).toMatchObject({ dueAt: facts.now + 3_600_000 });
});

test('waits grow up to the longest, and half to all of each is waited', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, firstBackoffMs, more, random) => {
        const own = { firstBackoffMs, maxBackoffMs: firstBackoffMs + more };
        const wait = backoffMs(failures, own, random);
        const full = Math.min(own.maxBackoffMs, firstBackoffMs * 2 ** Math.min(failures - 1, 40));
        expect(wait).toBeGreaterThanOrEqual(Math.floor(full / 2));
        expect(wait).toBeLessThanOrEqual(full);
        expect(backoffMs(failures + 1, own, random)).toBeGreaterThanOrEqual(wait);
      },
    ),
  );
});

test('every invocation ends, whatever its tries come to, and never past its retries or its age', () => {
  const codes = fc.constantFrom<ErrorCode | null>(null, ...(Object.keys(ERROR_CODES) as ErrorCode[]));
  const ends = fc.record({
    status: fc.option(fc.integer({ min: 200, max: 599 })),
    errorCode: codes,
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 10_000 })),
  });
  fc.assert(
    fc.property(fc.infiniteStream(ends), fc.integer({ min: 0, max: 5 }), (stream, retries) => {
      const own = { ...policy, retries };
      let now = 0;
      let failures = 0;
      for (let tries = 1; ; tries++) {
        const next: TryEnd = stream.next().value as TryEnd;
        const step = nextStep(next, { tries, failures, policy: own, now, expiresAt: own.maxAgeMs, random: 0.5 });
        if (step.state !== 'waiting') {
          expect(failures).toBeLessThanOrEqual(retries);
          return;
        }
        expect(step.dueAt).toBeGreaterThan(now);
        expect(step.dueAt).toBeLessThan(own.maxAgeMs);
        expect(step.failures - failures).toBe(verdictOf(next) === 'retry' ? 1 : 0);
        ({ failures, dueAt: now } = step);
      }
    }),
  );
});
