import { Readable } from 'node:stream';
import { z } from 'zod';
import { periodAt } from '../../../core/budget/period';
import { csvHead, csvLine, type CsvForm } from '../../../core/cost/ledger-csv';
import { endOfStep, LEDGER_STEPS } from '../../../core/cost/ledger-step';
import { dollarsText } from '../../../core/cost/money';
import { COMPONENT_UNITS, COST_COMPONENTS, CREDIT } from '../../../core/cost/price-table';
import { StatementSum, type StatedPart } from '../../../core/cost/statement';
import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import { timeZoneSchema } from '../../../core/function/trigger-spec';
import type { LedgerLine } from '../../../drivers/store/cost-store';
import type { Store } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { findFunction } from '../find-function';

const DAY_MS = 86_400_000;
const PAGE = 1_000;
type LinesQuery = Parameters<Store['ledger']>[0];

const amountFields = {
  dollars: z.string().describe('to the last digit').meta({ example: '0.000000042667' }),
  picoDollars: z.string().describe('the same in millionths of a micro-dollar, a whole number'),
};
const part = {
  component: z.enum(COST_COMPONENTS),
  quantity: z.number(),
  unit: z.string(),
  ...amountFields,
};
const lineSchema = z
  .object({ time: instant.describe('its begin'), function: z.string(), functionId: z.string(), ...part })
  .meta({ id: 'LedgerLine' });
const statementSchema = z
  .object({
    tenant: z.string(),
    month: z.string(),
    timeZone: z.string(),
    from: instant,
    to: instant,
    complete: z.boolean().describe('false: the month is not over, or its last minutes are not in the ledger yet'),
    currency: z.literal('USD'),
    functions: z.array(
      z.object({ function: z.string(), functionId: z.string(), parts: z.array(z.object(part)), ...amountFields }),
    ),
    parts: z.array(z.object(part)).describe('of all functions'),
    paid: z.object(amountFields).describe('without the credits for late calls: as budgets count it'),
    ...amountFields,
  })
  .meta({ id: 'CostStatement' });
export type LedgerLineView = z.output<typeof lineSchema>;
export type StatementView = z.output<typeof statementSchema>;

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const ledgerQuery = listQuery.extend({
  from: moment.optional().describe('inclusive; default: a day before `to`'),
  to: moment.optional().describe('exclusive; default: now'),
  by: z.enum(LEDGER_STEPS).default('hour').describe('steps of UTC'),
  function: nameSchema.optional(),
  components: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(COST_COMPONENTS)).min(1))
    .optional()
    .describe('comma-separated; default: all'),
  sum: z
    .stringbool()
    .default(false)
    .describe('true: all functions together; their names and ids are empty in the answer'),
  format: z
    .enum(['json', 'csv', 'focus'])
    .optional()
    .describe('csv, focus: all lines at once, those of focus with the columns of FOCUS 1.2; default: by `Accept`'),
});

/** What was charged. */
export function ledgerRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;

  app.get(
    '/v1/cost/ledger',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getLedger',
        tags: ['cost'],
        summary: 'What was charged, by time, function and component: as pages of JSON, or as one file of CSV',
        querystring: ledgerQuery,
        response: answers(
          {
            200: {
              description: 'Lines',
              content: { 'application/json': { schema: pageSchema(lineSchema) }, 'text/csv': { schema: z.string() } },
            },
          },
          ...KEYED,
          404,
        ),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { function: name, by, components, sum, limit, cursor } = request.query;
      const to = request.query.to ?? context.now();
      const from = request.query.from ?? new Date(to.getTime() - DAY_MS);
      if (from >= to) throw new PlatformError('invalid_argument', '"from" must be before "to"');
      const functionId = name === undefined ? undefined : (await findFunction(context, tenant, name)).id;
      const query = { tenant, functionId, from, to, by, components, sum };
      const form = formOf(request.query.format, request.headers.accept);
      if (form === 'json') {
        const page = await store.ledger({ ...query, limit, cursor: cursor ?? null });
        return reply.send({ items: page.items.map(lineView), next: page.next });
      }
      reply.type('text/csv; charset=utf-8');
      const file = `presage-${tenant}-${from.toISOString().slice(0, 10)}-${form}.csv`;
      reply.header('content-disposition', `attachment; filename="${file}"`);
      // To the type provider an answer of text is a string.
      return reply.send(Readable.from(csvOf(store, query, form)) as unknown as string);
    },
  );

  app.get(
    '/v1/cost/statement',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getStatement',
        tags: ['cost'],
        summary: 'What a month has cost, by function and component',
        querystring: tenantQuery.extend({
          month: z
            .string()
            .regex(/^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-11')
            .optional()
            .describe('default: this month'),
          timeZone: timeZoneSchema
            .optional()
            .describe(
              'in which the month begins and ends; default: that of the budgets of the tenant, if all have the same, else UTC',
            ),
        }),
        response: answers({ 200: statementSchema }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const now = context.now();
      const timeZone = request.query.timeZone ?? (await zoneOf(tenant));
      const { month, from, to } = monthIn(timeZone, request.query.month ?? now);
      const sum = new StatementSum();
      for await (const line of linesOf(store, { tenant, from, to, by: 'month' })) sum.add(line);
      const { functions, parts, amount } = sum.statement();
      const paid = parts.reduce((total, own) => (own.component === CREDIT ? total : total + own.amount), 0n);
      const [waiting] = await store.spend([{ tenant, functionIds: null, from, to }]);
      return {
        tenant,
        month,
        timeZone,
        from: from.toISOString(),
        to: to.toISOString(),
        complete: to <= now && waiting?.spent === paid,
        currency: 'USD' as const,
        functions: functions.map((fn) => ({
          function: fn.function,
          functionId: fn.functionId,
          parts: fn.parts.map(partView),
          ...amounts(fn.amount),
        })),
        parts: parts.map(partView),
        paid: amounts(paid),
        ...amounts(amount),
      };
    },
  );

  /** So a statement says what the budgets have counted. */
  async function zoneOf(tenant: string): Promise<string> {
    const [zone, ...others] = new Set((await store.budgets({ tenant })).map(({ spec }) => spec.timeZone));
    return zone === undefined || others.length > 0 ? 'UTC' : zone;
  }
}

/** A month of the time zone. @param which as text, or the moment that it holds */
function monthIn(timeZone: string, which: string | Date): { month: string; from: Date; to: Date } {
  // The fifteenth is the same month everywhere.
  const within = typeof which === 'string' ? Date.parse(`${which}-15T00:00:00.000Z`) : which.getTime();
  const { start, end } = periodAt({ period: 'monthly', timeZone }, within);
  const month = new Date((start + end) / 2).toISOString().slice(0, 7);
  return { month, from: new Date(start), to: new Date(end) };
}

function formOf(format: 'json' | CsvForm | undefined, accept: string | undefined): 'json' | CsvForm {
  return format ?? (accept !== undefined && /\btext\/csv\b/i.test(accept) ? 'csv' : 'json');
}

async function* linesOf(store: Pick<Store, 'ledger'>, query: LinesQuery): AsyncGenerator<LedgerLine> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['ledger']>> = await store.ledger({ ...query, limit: PAGE, cursor });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}

async function* csvOf(store: Pick<Store, 'ledger'>, query: LinesQuery, form: CsvForm): AsyncGenerator<string> {
  yield csvHead(form);
  const end = query.to.getTime();
  // Day by day: each page sums what is left of its span.
  for (let from = query.from.getTime(), to; from < end; from = to) {
    to = query.by === 'month' ? end : Math.min((Math.floor(from / DAY_MS) + 1) * DAY_MS, end);
    for await (const line of linesOf(store, { ...query, from: new Date(from), to: new Date(to) })) {
      const { time, ...rest } = line;
      yield csvLine(form, { ...rest, tenant: query.tenant, from: time, to: endOfStep(time, query.by) });
    }
  }
}

function lineView({ time, functionId, function: name, component, quantity, amount }: LedgerLine) {
  const unit = COMPONENT_UNITS[component];
  return { time: time.toISOString(), function: name, functionId, component, quantity, unit, ...amounts(amount) };
}

function partView({ amount, ...rest }: StatedPart) {
  return { ...rest, ...amounts(amount) };
}

function amounts(amount: bigint): { dollars: string; picoDollars: string } {
  return { dollars: dollarsText(amount), picoDollars: String(amount) };
}
