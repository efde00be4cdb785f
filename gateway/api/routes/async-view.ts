import { z } from 'zod';
import { ASYNC_ORIGINS, ASYNC_STATES } from '../../../core/async/async-state';
import type { AsyncInvocation, AsyncResult } from '../../../drivers/async-queue/async-queue';
import { instant } from '../api-schemas';

export const asyncSchema = z
  .object({
    id: z.string().describe('also the id of its records in /v1/invocations'),
    function: z.string(),
    alias: z.string(),
    origin: z.enum(ASYNC_ORIGINS),
    method: z.string(),
    path: z.string(),
    idempotencyKey: z.string().nullable(),
    state: z
      .enum(ASYNC_STATES)
      .describe('dead: given up, a dead letter; failed: answered in a way that no retry mends'),
    tries: z.number().int(),
    failures: z.number().int().describe('tries in which the function itself failed'),
    acceptedAt: instant,
    dueAt: instant.describe('when the next try may begin'),
    expiresAt: instant.describe('no try begins after it'),
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    forgetAt: instant.nullable().describe('when it is removed with its answer'),
    reason: z.string().nullable().describe('why it is not answered well'),
    status: z.number().int().nullable().describe('of the answer'),
    resultBytes: z.number().int(),
    history: z
      .array(
        z.object({
          try: z.number().int(),
          at: z.string(),
          ms: z.number().nullable(),
          status: z.number().int().nullable(),
          error: z.string().nullable(),
        }),
      )
      .describe('the newest tries that are over'),
  })
  .meta({ id: 'AsyncInvocation' });

export const asyncDetail = asyncSchema
  .extend({
    result: z
      .object({
        status: z.number().int(),
        headers: z.array(z.tuple([z.string(), z.string()])),
        bytes: z.number().int(),
        truncated: z.boolean().describe('the body was larger than gateway.maxBody and was not kept'),
        location: z.string().describe('where the body is'),
      })
      .nullable(),
  })
  .meta({ id: 'AsyncInvocationDetail' });

export type AsyncView = z.output<typeof asyncSchema>;
export type AsyncDetailView = z.output<typeof asyncDetail>;

export function asyncView(row: AsyncInvocation): AsyncView {
  return {
    id: row.id,
    function: row.function,
    alias: row.alias,
    origin: row.origin,
    method: row.method,
    path: row.path,
    idempotencyKey: row.idempotencyKey,
    state: row.state,
    tries: row.tries,
    failures: row.failures,
    acceptedAt: row.acceptedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    forgetAt: row.forgetAt?.toISOString() ?? null,
    reason: row.reason,
    status: row.resultStatus,
    resultBytes: row.resultBytes,
    history: [...row.history],
  };
}

export function asyncDetailView(row: AsyncInvocation, result: AsyncResult | null): AsyncDetailView {
  return {
    ...asyncView(row),
    result: result && {
      status: result.status,
      headers: pairsOf(result.headers),
      bytes: result.body.length,
      truncated: result.truncated,
      location: `/v1/async/${row.id}/result`,
    },
  };
}

function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push([flat[at] as string, flat[at + 1] as string]);
  return pairs;
}
