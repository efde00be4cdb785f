import { z } from 'zod';
import type { LogRecord } from '../../../drivers/store/store';
import { instant } from '../api-schemas';

export const logSchema = z
  .object({
    id: z.string(),
    at: instant,
    function: z.string(),
    revision: z.number().int(),
    node: z.string(),
    instance: z.string(),
    invocation: z.string().nullable(),
    stream: z.enum(['stdout', 'stderr', 'platform']),
    text: z.string(),
  })
  .meta({ id: 'LogLine' });

export type LogView = z.output<typeof logSchema>;

export function logView(record: LogRecord & { readonly id: string }): LogView {
  const { id, function: name, revision, node, instanceId, invocationId, stream, text } = record;
  return {
    id,
    at: record.at.toISOString(),
    function: name,
    revision,
    node,
    instance: instanceId,
    invocation: invocationId,
    stream,
    text,
  };
}
