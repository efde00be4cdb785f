import { BOOK, costOf, paidFor, PRICED } from '../../drivers/store/cost-contract';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { dollarsText } from '../../../core/cost/money';
import { makeHarness, type Harness } from './api-harness';

let api: Harness;
let records: ReturnType<typeof sampleInvocation>[];
beforeAll(async () => {
  api = await makeHarness();
  const functionId = await api.makeFunction('acme', 'pay');
  const call = (at: string, change = {}) =>
    sampleInvocation({ tenant: 'acme', functionId, function: 'pay', at: new Date(at), pricing: PRICED, ...change });
  records = [
    call('2026-03-04T05:06:07.000Z'),
    call('2026-03-04T05:59:59.999Z'),
    call('2026-03-04T06:00:00.000Z', { functionId: 'gone', function: 'gone' }),
    call('2026-04-01T00:00:00.000Z'),
  ];
  await api.store.writeInvocations(packed(records, BOOK));
  await api.store.postLedger(new Date('2026-04-01T00:01:00Z'));
  await api.store.writeInvocations(packed([call('2026-04-01T00:01:00.000Z')], BOOK));
});
afterAll(() => api.close());

const span = { from: '2026-03-04T00:00:00Z', to: '2026-03-05T00:00:00Z' };
interface Line {
  readonly time: string;
  readonly function: string;
  readonly component: string;
  readonly dollars: string;
  readonly picoDollars: string;
}
const lines = async (query: Record<string, string>): Promise<Line[]> => {
  const { status, body } = await api.call('GET', '/v1/cost/ledger', { query: { ...span, ...query } });
  expect(status).toBe(200);
  return body['items'] as unknown as Line[];
};
const text = async (query: Record<string, string>, accept = '*/*') => {
  const url = `${api.origin}/v1/cost/ledger?${new URLSearchParams({ ...span, ...query }).toString()}`;
  return fetch(url, { headers: { authorization: `Bearer ${api.acmeKey}`, accept } });
};

test('tells what was charged by time, function and component, exactly', async () => {
  const hours = await lines({});
  expect(hours).toHaveLength(10);
  expect(hours[0]).toMatchObject({
    ...{ time: '2026-03-04T05:00:00.000Z', function: 'pay', component: 'compute', unit: 'core-second' },
    quantity: 0.0018,
  });
  const all = hours.reduce((sum, { picoDollars }) => sum + BigInt(picoDollars), 0n);
  expect(all).toBe(costOf(records.slice(0, 3)));
  for (const { dollars, picoDollars } of hours) expect(dollars).toBe(dollarsText(BigInt(picoDollars)));
  expect((await lines({ by: 'minute', components: 'request' })).map(({ time }) => time.slice(11, 16))).toEqual(['05:06', '05:59', '06:00']); // prettier-ignore
  expect(await lines({ by: 'day', function: 'pay', components: 'request,memory' })).toHaveLength(2);
  const page = await api.call('GET', '/v1/cost/ledger', { query: { ...span, limit: '6' } });
  const rest = await lines({ limit: '6', cursor: page.body['next'] as unknown as string });
  expect(rest).toEqual(hours.slice(6));
});

test('sums all functions where that is asked for: the same amounts, without names', async () => {
  const [each, summed] = [await lines({ by: 'day' }), await lines({ by: 'day', sum: 'true' })];
  const amountOf = (rows: Line[], component: string) =>
    rows.filter((line) => line.component === component).reduce((sum, { picoDollars }) => sum + BigInt(picoDollars), 0n);
  expect(each.map(({ function: name }) => name)).toEqual(expect.arrayContaining(['pay', 'gone']));
  expect(summed.map(({ function: name }) => name)).toEqual(summed.map(() => ''));
  expect(new Set(summed.map(({ component }) => component)).size).toBe(summed.length);
  for (const { component } of summed) expect(amountOf(summed, component)).toBe(amountOf(each, component));
});

test('is a file of CSV where that is asked for', async () => {
  const file = await text({ by: 'minute' }, 'text/csv');
  expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(file.headers.get('content-disposition')).toContain('presage-acme-2026-03-04-csv.csv');
  const rows = (await file.text()).trim().split('\r\n');
  expect(rows[0]).toMatch(/^time,tenant,function,/);
  expect(rows).toHaveLength(16);
  const sum = rows.slice(1).reduce((all, row) => all + BigInt((row.split(',').at(-1) ?? '').replace('.', '')), 0n);
  expect(sum).toBe(costOf(records.slice(0, 3)));
  const focus = (await (await text({ format: 'focus', by: 'month' })).text()).trim().split('\r\n');
  expect(focus[0]).toMatch(/^BilledCost,BillingAccountId,/);
  expect(focus).toHaveLength(11);
  expect(await (await text({ format: 'csv', function: 'pay', components: 'storage' })).text()).toMatch(
    /^time[^\n]+\n$/,
  );
});

test('a month is stated by function and component, and says whether it is complete', async () => {
  const statement = async (month: string) => (await api.call('GET', '/v1/cost/statement', { query: { month } })).body;
  const march = await statement('2026-03');
  expect(march).toMatchObject({
    ...{ tenant: 'acme', month: '2026-03', currency: 'USD', complete: true },
    from: '2026-03-01T00:00:00.000Z',
    to: '2026-04-01T00:00:00.000Z',
    picoDollars: String(costOf(records.slice(0, 3))),
    functions: [{ function: 'pay', picoDollars: String(costOf(records.slice(0, 2))) }, { function: 'gone' }],
    parts: [{ component: 'request', quantity: 3, unit: 'request' }, {}, {}, {}, {}],
  });
  expect(await statement('2026-04')).toMatchObject({ complete: false, picoDollars: String(costOf(records.slice(3))) });
  expect(await statement('2020-01')).toMatchObject({
    complete: true,
    functions: [],
    parts: [],
    dollars: '0.000000000000',
  });
});

test('another tenant has none of it', async () => {
  const key = await api.makeKey('default', ['read']);
  expect((await api.call('GET', '/v1/cost/ledger', { key, query: span })).body).toEqual({ items: [], next: null });
  expect((await api.call('GET', '/v1/cost/statement', { key, query: { month: '2026-03' } })).body).toMatchObject({
    tenant: 'default',
    functions: [],
  });
});

test.each([
  [{ from: '2026-03-05T00:00:00Z', to: '2026-03-05T00:00:00Z' }, 'before'],
  [{ by: 'year' }, 'by'],
  [{ components: 'request,coffee' }, 'components'],
  [{ format: 'pdf' }, 'format'],
  [{ from: 'noon' }, 'from'],
  [{ cursor: 'x' }, 'cursor'],
])('refuses %p', async (query, word) => {
  const { status, body } = await api.call('GET', '/v1/cost/ledger', { query: { ...span, ...query } });
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(word);
});

test('a month is that of a time zone: what was asked for, else that of all budgets, else UTC', async () => {
  const stated = async (query: Record<string, string>) =>
    (await api.call('GET', '/v1/cost/statement', { query: { month: '2026-03', ...query } })).body;
  const berlin = await stated({ timeZone: 'Europe/Berlin' });
  // Its clocks are put forward on the 29th: the month has 743 hours.
  expect(berlin).toMatchObject({ from: '2026-02-28T23:00:00.000Z', to: '2026-03-31T22:00:00.000Z' });
  expect(berlin).toMatchObject({ month: '2026-03', timeZone: 'Europe/Berlin', complete: true });
  expect(BigInt(berlin['picoDollars'] as unknown as string)).toBe(costOf(records.slice(0, 3)));
  // In New York midnight of the first of April in UTC is still the evening of March the 31st.
  const york = await stated({ timeZone: 'America/New_York' });
  expect(york).toMatchObject({ from: '2026-03-01T05:00:00.000Z', to: '2026-04-01T04:00:00.000Z' });
  expect(BigInt(york['picoDollars'] as unknown as string)).toBe(costOf(records));
  expect(york['paid']).toMatchObject({ picoDollars: String(paidFor(records)) });

  const budget = (name: string, timeZone: string) =>
    api.call('PUT', `/v1/budgets/${name}`, { key: api.acmeKey, payload: { limit: '1', timeZone } });
  expect(await stated({})).toMatchObject({ timeZone: 'UTC', from: '2026-03-01T00:00:00.000Z' });
  expect((await budget('one', 'Asia/Kolkata')).status).toBe(200);
  expect(await stated({})).toMatchObject({ timeZone: 'Asia/Kolkata', from: '2026-02-28T18:30:00.000Z' });
  expect((await budget('two', 'Europe/Berlin')).status).toBe(200);
  expect(await stated({})).toMatchObject({ timeZone: 'UTC' });
  const now = (await api.call('GET', '/v1/cost/statement', { query: { timeZone: 'Pacific/Kiritimati' } })).body;
  expect(Date.parse(now['from'] as unknown as string)).toBeLessThanOrEqual(Date.now());
  expect(Date.parse(now['to'] as unknown as string)).toBeGreaterThan(Date.now());
});

test('refuses a month that there is not, a time zone, and a function', async () => {
  for (const query of [{ month: '2026-13' }, { month: '0000-01' }, { timeZone: 'Mars/Olympus' }]) {
    expect((await api.call('GET', '/v1/cost/statement', { query })).status).toBe(400);
  }
  expect((await api.call('GET', '/v1/cost/ledger', { query: { function: 'nobody' } })).status).toBe(404);
});

describe('checks', () => {
  const checked = {
    from: '2026-03-04T05:00:00.000Z',
    to: '2026-03-04T06:00:00.000Z',
    ...{ calls: 3, sums: 15, differences: 1, unpriced: 0 },
    examples: [
      {
        ...{ tenant: 'acme', functionId: 'f', minute: '2026-03-04T05:06:00.000Z', component: 'memory' },
        ...{ recorded: '0.000000000001', charged: '0.000000000002' },
      },
    ],
  };

  test('are started for the own tenant, and told of', async () => {
    const { status, body } = await api.call('POST', '/v1/cost/ledger/checks', { payload: { window: '24h' } });
    expect(status).toBe(202);
    expect([...api.workflows.judges.values()].at(-1)).toMatchObject({ check: true, tenant: 'acme', window: '24h' });
    const path = `/v1/cost/ledger/checks/${body['id'] as unknown as string}`;
    expect((await api.call('GET', path)).body).toMatchObject({ state: 'running', result: null });
    api.workflows.judgement = { state: 'done', error: null, result: { posted: null, checked } };
    expect((await api.call('GET', path)).body).toMatchObject({ state: 'done', result: checked });
    expect((await api.call('GET', path, { key: api.operatorKey })).status).toBe(404);
  });

  test('refuse windows that there are not', async () => {
    const { status, body } = await api.call('POST', '/v1/cost/ledger/checks', { payload: { window: '99d' } });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('choose from 1m to 7d');
  });
});
