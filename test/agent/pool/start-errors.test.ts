import { PlatformError } from '../../../core/error/platform-error';
import { deadlineError } from '../../../agent/pool/start-errors';
import { runSpec } from '../agent-harness';

const pool = { run: runSpec('f', {}), obstacle: 'slot', lastFailure: null, retryAt: 0 } as const;

test.each([
  ['start', 'start_timeout'],
  ['scale', 'capacity'],
  ['functions', 'capacity'],
  ['memory', 'capacity'],
  ['slot', 'capacity'],
] as const)('who waited in vain behind "%s" is told %s', (obstacle, code) => {
  expect(deadlineError({ ...pool, obstacle }, 1_500)).toMatchObject({
    code,
    message: expect.stringMatching(/^Within 1500 ms /) as string,
  });
});

test('who waited for a function that keeps failing is told of the failure, not that the node had no room', () => {
  const lastFailure = new PlatformError('start_failed', 'the handler is not there');
  const failing = { ...pool, lastFailure, retryAt: performance.now() + 30_000 };
  expect(deadlineError(failing, 1_500)).toMatchObject({
    code: 'start_failed',
    message: 'the handler is not there',
    retryAfterSeconds: 30,
  });
  // It may start again, and was not the first.
  expect(deadlineError({ ...failing, retryAt: performance.now() - 1 }, 1_500)).toMatchObject({ code: 'capacity' });
});
