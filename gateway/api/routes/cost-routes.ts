import { z } from 'zod';
import { invocationCost } from '../../../core/cost/invocation-cost';
import { CALL_COMPONENTS } from '../../../core/cost/call-usage';
import { microDollarsOf } from '../../../core/cost/money';
import { priceTableId } from '../../../core/cost/price-table-id';
import { everyUnit, UNKNOWN_TIER, type PriceTable } from '../../../core/cost/price-table';
import { answerRegion, parsePricing, type Pricing } from '../../../core/cost/pricing';
import { PlatformError } from '../../../core/error/platform-error';
import { TIERS } from '../../../core/function/manifest';
import type { InvocationRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, KEYED, tenantQuery } from '../api-schemas';
import { findInvocation } from '../find-invocation';

const price = z.number().describe('micro-dollars');
const unitPricesSchema = z.object(everyUnit(price)).meta({ id: 'UnitPrices' });
const tableFacts = {
  table: z.string().describe('the name of the price table'),
  tableId: z.string().describe('changes with any of its prices'),
  asOf: z.string().nullable().describe('the day of its prices; null: the operator’s own'),
};
const pricesSchema = z
  .object({
    ...tableFacts,
    source: z.string(),
    tiers: z.object({ edge: unitPricesSchema, regional: unitPricesSchema, central: unitPricesSchema }),
  })
  .meta({ id: 'PriceTable' });
const costSchema = z
  .object({
    id: z.string(),
    ...tableFacts,
    tier: z.enum(TIERS).describe('of the node that it ran on'),
    charged: z
      .boolean()
      .describe('false: recorded before calls carried their pricing: shown at the prices of now, and in no ledger'),
    parts: z.array(
      z.object({
        component: z.enum(CALL_COMPONENTS),
        quantity: z.number(),
        unit: z.string(),
        price: price.describe('micro-dollars a unit'),
        amount: price,
        picoDollars: z.number().int().describe('the same, exactly'),
      }),
    ),
    amount: price.describe('micro-dollars in all'),
    picoDollars: z.number().int().describe('the sum of the parts, exactly'),
  })
  .meta({ id: 'InvocationCost' });
export type PriceTableView = z.output<typeof pricesSchema>;
export type InvocationCostView = z.output<typeof costSchema>;

/** What things cost, and what one invocation did. */
export function costRoutes(app: ApiApp, context: ApiContext): void {
  const { name: table, asOf, source, tiers } = context.prices;
  app.get(
    '/v1/cost/prices',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getPrices',
        tags: ['cost'],
        summary: 'What a unit of everything costs, by the tier of the node',
        querystring: tenantQuery,
        response: answers({ 200: pricesSchema }, ...KEYED),
      },
    },
    () => ({ table, tableId: priceTableId(context.prices), asOf, source, tiers }),
  );

  app.get(
    '/v1/invocations/:id/cost',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getInvocationCost',
        tags: ['cost'],
        summary: 'What an invocation cost, part by part, at the prices that were in force',
        params: z.strictObject({ id: z.string().min(1).max(200) }),
        querystring: tenantQuery,
        response: answers({ 200: costSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const invocation = await findInvocation(context, tenant, request.params.id);
      const pricing =
        invocation.pricing === null ? await presentPricing(context, invocation) : recorded(invocation.pricing);
      const table = await tableOf(context, pricing.table);
      const { kind, totalMs, cpuMicros, memoryByteMs, bytesOut, userRegion } = invocation;
      const cost = invocationCost(
        {
          served: kind !== null,
          ...{ cpuMicros, memoryByteMs, bytesOut, totalMs, callerRegion: answerRegion(pricing, userRegion) },
          nodeRegion: pricing.region,
          slaMs: pricing.slaMs,
        },
        table.tiers[pricing.tier],
      );
      return {
        id: invocation.id,
        ...{ table: table.name, tableId: pricing.table, asOf: table.asOf, tier: pricing.tier },
        charged: invocation.pricing !== null,
        parts: cost.parts.map(({ amount, ...part }) => ({
          ...part,
          amount: microDollarsOf(amount),
          picoDollars: amount,
        })),
        amount: microDollarsOf(cost.total),
        picoDollars: cost.total,
      };
    },
  );
}

/** @throws PlatformError internal for what no gateway of ours has written */
function recorded(text: string): Pricing {
  const pricing = parsePricing(text);
  if (pricing) return pricing;
  throw new PlatformError('internal', `The invocation is priced by "${text}", which nobody can read`);
}

/** What a call would be priced by today that was recorded before calls carried their pricing. */
async function presentPricing({ store, nodes, prices }: ApiContext, invocation: InvocationRecord): Promise<Pricing> {
  const { functionId, revision } = invocation;
  const deployed = revision === null ? null : await store.findRevision(functionId, revision);
  const node = nodes().find(({ name }) => name === invocation.node);
  return {
    table: priceTableId(prices),
    tier: node?.tier ?? UNKNOWN_TIER,
    region: node?.region ?? null,
    slaMs: deployed?.manifest.spec.sla?.latencyMs ?? null,
  };
}

/** @throws PlatformError internal for a table that was never kept */
async function tableOf({ store, prices }: ApiContext, id: string): Promise<PriceTable> {
  const table = id === priceTableId(prices) ? prices : await store.priceTable(id);
  if (table) return table;
  throw new PlatformError('internal', `The invocation is priced by the table ${id}, which nobody has kept`, {
    hint: 'It is not charged; presage cost check counts such calls.',
  });
}
