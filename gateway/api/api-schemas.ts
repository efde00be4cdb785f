import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../core/error/platform-error';
import { nameSchema } from '../../core/function/manifest';

/** Schemas that several resources share. Named ones become components of the OpenAPI document. */

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    requestId: z.string(),
    hint: z.string().optional(),
    until: z.iso.datetime().optional().describe('when it ends by itself'),
    errors: z.array(z.object({ path: z.string(), message: z.string(), hint: z.string().optional() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. `code` is the word to search for; `hint` says what to do next.' });

export const instant = z.iso.datetime().meta({ description: 'RFC 3339, UTC', example: '2026-11-23T09:00:00.000Z' });
export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
  .meta({ example: `sha256:${'0'.repeat(64)}` });

/** Query of every route that needs a key. */
export const tenantQuery = z.strictObject({
  tenant: nameSchema
    .optional()
    .describe('for platform operators (admin keys of the tenant `default`): act for this tenant'),
});
/** Query of every list. */
export const listQuery = tenantQuery.extend({
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  cursor: z.string().max(1000).optional().describe('`next` of the page before'),
});
export const functionParams = z.strictObject({ name: nameSchema });

export function pageSchema<S extends z.ZodType>(item: S) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().describe('cursor of the next page; null at the end'),
  });
}

/** The manifest is described once, as a component; it is checked by parseManifest, which names every problem at once. */
export const manifestRef = z.unknown().meta({ $ref: '#/components/schemas/FunctionManifest' });

const PROBLEM_TEXT: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  401: 'No key or token, or not a known one',
  402: 'The budget is spent, until when',
  403: 'The key or token does not allow this',
  404: 'Not there, or another tenant’s',
  409: 'In conflict with the state of the resource',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Wrong content type',
  422: 'The idempotency key belongs to another request',
  503: 'A component is away: try again after Retry-After',
  507: 'The disk is full',
};
type Answer = z.ZodType | { description: string; content: Record<string, { schema: z.ZodType }> };

/** The answers of a route: its own, and as `application/problem+json` those that can go wrong. */
export function answers<R extends Record<number, Answer>>(own: R, ...failures: number[]): R {
  const problems: Record<number, Answer> = {};
  for (const status of [400, ...failures, 500]) {
    if (status in own) continue;
    problems[status] = {
      description: PROBLEM_TEXT[status] ?? 'An unexpected failure',
      content: { 'application/problem+json': { schema: problemSchema } },
    };
  }
  return { ...problems, ...own };
}

/** Failures that every route with a key has. */
export const KEYED = [401, 403, 503] as const;
