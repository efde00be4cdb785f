import { z } from 'zod';
import { START_CAUSES, START_KINDS } from '../../core/start/start';
import type { InvocationRecord } from '../../drivers/store/store';

const milliseconds = z.number().min(0);
const count = z.number().int().min(0);

/** An invocation record as it lies on the disk while the store is away. */
const schema = z.strictObject({
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
}) satisfies z.ZodType<InvocationRecord>;

/** @throws ZodError for what is no record */
export function spooledRecord(row: unknown): InvocationRecord {
  return schema.parse(row);
}
