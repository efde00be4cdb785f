import { SpendBook } from '../../../gateway/budget/spend-book';
import { revisionRecord, silent, startHarness, until, type Harness } from '../gateway-harness';
import { SpendWorld } from './spend-world';

const DOLLAR = 10n ** 12n;

let world: SpendWorld;
let book: SpendBook;
let harness: Harness;
beforeEach(() => {
  world = new SpendWorld();
  book = new SpendBook({
    store: world.store,
    firstGuess: () => 0,
    enforce: () => Promise.resolve(),
    flush: () => undefined,
    now: () => Date.now(),
    log: silent,
  });
});
afterEach(async () => {
  await book.close();
  await harness.close();
});

const problemOf = (body: string) => JSON.parse(body) as Record<string, unknown>;

test('a budget that is spent is told with 402 and until when, before any instance is asked for', async () => {
  world.setBudget({ limit: '1', period: 'daily', functions: ['f'] }, 'small');
  world.spent.set('f-id', DOLLAR);
  harness = await startHarness({}, { book });
  await book.open();
  const answer = await harness.call('/fn/acme/f');
  expect(answer.status).toBe(402);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  const midnight = new Date(new Date().setUTCHours(24, 0, 0, 0)).toISOString();
  expect(problemOf(answer.body)).toMatchObject({
    code: 'budget_exhausted',
    status: 402,
    until: midnight,
    detail: `The budget "small" of acme allows 1 USD a day, which is spent: nothing new is done until ${midnight}, or until it is raised`,
  });
  expect(harness.agent.acquired).toHaveLength(0);
  // What was refused is nothing that was done: it would be charged else.
  expect(harness.records).toHaveLength(0);
  // Another function is not covered.
  expect((await harness.call('/fn/acme/private', { headers: { 'x-api-key': 'psk_invoke' } })).status).toBe(200);

  world.setBudget({ limit: '2', period: 'daily', functions: ['f'] }, 'small');
  await until(() => book.exhausted().length === 0, 'the raised budget');
  expect((await harness.call('/fn/acme/f')).status).toBe(200);
});

test('a critical function is answered when the others are not', async () => {
  world.setBudget({ limit: '1', criticalShare: 10 });
  world.spent.set('f-id', (DOLLAR * 95n) / 100n);
  harness = await startHarness({}, { book, revisions: [revisionRecord('vital', { public: true, critical: true })] });
  await book.open();
  expect((await harness.call('/fn/acme/f')).status).toBe(402);
  expect((await harness.call('/fn/acme/vital')).status).toBe(200);
});

test('while queue is in force calls wait for each other, and more than may wait are told when to come again', async () => {
  world.setState(world.setBudget({ limit: '1' }), { steps: ['queue'] });
  harness = await startHarness({ concurrency: 10 }, { book, queue: { maxPerFunction: 1 } });
  await book.open();
  let atOnce = 0;
  let most = 0;
  harness.agent.handler = (_, response) => {
    most = Math.max(most, ++atOnce);
    setTimeout(() => {
      atOnce--;
      response.end('ok');
    }, 50);
  };
  const answers = await Promise.all(Array.from({ length: 4 }, () => harness.call('/fn/acme/f')));
  expect(most).toBe(1);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
  const refused = answers.find(({ status }) => status === 429);
  expect(problemOf(refused?.body ?? '{}')).toMatchObject({ code: 'budget_queue', until: expect.any(String) as string });
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThanOrEqual(5);
  const [budget] = book.budgets;
  expect(budget?.refused).toEqual({ exhausted: 0, queue: 2 });
});
