import { z } from 'zod';
import { START_CAUSES, START_KINDS } from '../../core/start/start';
import { readBlock } from '../../core/record/block-reader';
import { CALL_COMPONENTS } from '../../core/cost/call-usage';
import { NO_COSTS, type CallCosts } from '../../core/cost/cost-sum';
import type { InvocationBlock, InvocationRow } from '../../core/record/invocation-batch';
import type { InvocationBatch } from '../../drivers/store/store';

const milliseconds = z.number().min(0);
const count = z.number().int().min(0);

const wholeAmount = z
  .string()
  .regex(/^\d{1,38}$/)
  .transform((text) => BigInt(text));
const costsSchema = z.strictObject({
  used: z.array(z.number().min(0)).length(CALL_COMPONENTS.length),
  cost: z.array(wholeAmount).length(CALL_COMPONENTS.length),
});
const rowSchema = z.strictObject({
  id: z.string(),
  at: z.coerce.date(),
  tenant: z.string(),
  functionId: z.string(),
  function: z.string(),
  revision: z.number().int().nullable(),
  node: z.string().nullable(),
  instanceId: z.string().nullable(),
  method: z.string(),
  path: z.string(),
  status: z.number().int(),
  errorCode: z.string().nullable(),
  kind: z.enum(START_KINDS).nullable(),
  cause: z.enum(START_CAUSES).nullable(),
  queueMs: milliseconds,
  startMs: milliseconds,
  executeMs: milliseconds,
  totalMs: milliseconds,
  firstByteMs: milliseconds.nullable(),
  phases: z.record(z.string(), z.number()),
  cpuMicros: z.number().nullable(),
  memoryByteMs: z.number(),
  bytesIn: count,
  bytesOut: count,
  traceId: z.string().nullable(),
  attempt: z.number().int().nullable(),
  // Spooled before there were such fields.
  userRegion: z.string().nullable().default(null),
  callerId: z.string().nullable().default(null),
  caller: z.string().nullable().default(null),
  pricing: z.string().nullable().default(null),
  costs: costsSchema.exactOptional(),
}) satisfies z.ZodType<InvocationRow>;

const bytes = z.base64().transform((text): Uint8Array => Buffer.from(text, 'base64'));
const traffic = z.array(
  z.strictObject({
    from: z.string(),
    calls: count,
    bytesIn: count,
    bytesOut: count,
    latencies: z.record(z.string(), count),
  }),
);
const blockSchema = z
  .strictObject({
    id: z.uuid(),
    tenant: z.string(),
    functionId: z.string(),
    function: z.string(),
    calls: count.min(1),
    firstAt: z.coerce.date(),
    lastAt: z.coerce.date(),
    firstEnd: z.coerce.date(),
    lastEnd: z.coerce.date(),
    times: bytes,
    details: bytes,
    sums: z.strictObject({
      executeMs: milliseconds,
      cpuMicros: count,
      // Spooled before calls had a price.
      costs: costsSchema.default(() => ({ used: [...NO_COSTS.used], cost: [...NO_COSTS.cost] })),
      users: traffic,
      callers: traffic,
    }),
  })
  .refine(whole, 'its calls cannot be read') satisfies z.ZodType<InvocationBlock>;

const batchSchema = z.strictObject({ blocks: z.array(blockSchema), rows: z.array(rowSchema) });
/** Spooled when each invocation was a row. */
const rowsSchema = z.array(rowSchema).transform((rows): InvocationBatch => ({ blocks: [], rows }));

/** A batch of invocations as it lies on the disk while the store is away. */
export function spooledBatch({ blocks, rows }: InvocationBatch): unknown {
  const text = (part: Uint8Array): string => Buffer.from(part).toString('base64');
  return {
    blocks: blocks.map(({ sums, ...block }) => ({
      ...block,
      times: text(block.times),
      details: text(block.details),
      sums: { ...sums, costs: asText(sums.costs) },
    })),
    rows: rows.map(({ costs, ...row }) => (costs ? { ...row, costs: asText(costs) } : row)),
  };
}

/** Amounts as text: JSON has no numbers of any size. */
function asText({ used, cost }: CallCosts): unknown {
  return { used, cost: cost.map(String) };
}

/** @throws ZodError for what is no batch */
export function readSpooledBatch(value: unknown): InvocationBatch {
  return Array.isArray(value) ? rowsSchema.parse(value) : batchSchema.parse(value);
}

/** What the store would keep must be what it can give back. */
function whole(block: InvocationBlock): boolean {
  try {
    readBlock(block)(0);
    return true;
  } catch {
    return false;
  }
}
