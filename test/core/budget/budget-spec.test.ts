import { budgetSpecSchema, limitOf } from '../../../core/budget/budget-spec';
import { problemsOf } from '../../../core/function/manifest';

function problems(value: unknown): string[] {
  const result = budgetSpecSchema.safeParse(value);
  return result.success ? [] : problemsOf(result.error).map(({ path, message }) => `${path}: ${message}`);
}

test('what is left out has its default', () => {
  expect(budgetSpecSchema.parse({ limit: '99.50' })).toEqual({
    limit: '99.50',
    currency: 'USD',
    period: 'monthly',
    timeZone: 'UTC',
    criticalShare: 20,
    alertAt: [50, 75, 90, 100],
    degrade: ['drop-predictive-warmth', 'shorten-keep-alive', 'cheaper-tier', 'queue', 'refuse'],
  });
  expect(limitOf({ limit: '99.50' })).toBe(99_500_000_000_000n);
});

test.each(['0', '0.00', '-5', '1e3', '1,000', '', '0.0000001', '1000000000000000', ' 5', 'NaN'])(
  'limit "%s"',
  (limit) => {
    expect(problems({ limit }).join()).toMatch(/^limit: .*above 0/);
  },
);

test.each([5, null, undefined])('a limit that is no text: %s', (limit) => {
  expect(problems({ limit })[0]).toMatch(/^limit: must be an amount above 0 in quotes, such as "250"/);
});

test('all that is wrong is told at once', () => {
  const told = problems({
    limit: '0',
    currency: 'EUR',
    period: 'hourly',
    timeZone: 'Mars/Olympus',
    functions: ['pay', 'pay', 'Not a name'],
    criticalShare: 101,
    alertAt: [0, 50, 50],
    degrade: ['refuse', 'queue'],
    webhook: { url: 'ftp://example.com' },
    colour: 'red',
  }).join('\n');
  for (const part of [
    'limit: must be above 0',
    'currency: must be USD',
    'period:',
    'timeZone: "Mars/Olympus" is not a time zone',
    'functions.1: pay is there already',
    'functions.2:',
    'criticalShare:',
    'alertAt.0:',
    'alertAt.2: 50 is there already',
    'degrade: refuse comes last',
    'webhook.url: must be a URL',
    'webhook.secret:',
    'colour',
  ]) {
    expect(told).toContain(part);
  }
});
