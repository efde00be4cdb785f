import { checkBudget } from '../../../core/budget/check-budget';

const around = { functions: new Set(['pay']), secrets: new Set(['hook']), unpriced: [] };

test('a budget that names what is there is taken', () => {
  const webhook = { url: 'https://hooks.example.com/a', secret: 'hook' };
  const { spec, problems } = checkBudget({ limit: '5', functions: ['pay'], webhook }, around);
  expect(problems).toEqual([]);
  expect(spec).toMatchObject({ limit: '5', functions: ['pay'], webhook });
});

test('all that is wrong with it, and with what it names, is told at once', () => {
  const { spec, problems } = checkBudget(
    {
      limit: '-1',
      currency: 'EUR',
      functions: ['pay', 'pay', 'ghost', 'Wrong Name'],
      webhook: { url: 'https://hooks.example.com', secret: 'none' },
    },
    { ...around, unpriced: ['edge', 'central'] },
  );
  expect(spec).toBeNull();
  expect(problems.map(({ path, message }) => `${path}: ${message}`).sort()).toEqual([
    'currency: must be USD, the currency of the price table: amounts are not converted',
    'functions.1: pay is there already',
    'functions.2: there is no function ghost',
    expect.stringMatching(/^functions\.3: must be 1-63/),
    expect.stringMatching(/^limit: must be an amount above 0/),
    'limit: the price table has no prices for edge, central: calls there cost nothing, and no budget would see them',
    'webhook.secret: there is no secret none',
  ]);
  expect(problems.find(({ path }) => path === 'webhook.secret')?.hint).toContain('presage secret set none');
});

test.each([null, 5, 'limit', [], undefined])('%j is no budget', (value) => {
  expect(checkBudget(value, around).problems.length).toBeGreaterThan(0);
});
