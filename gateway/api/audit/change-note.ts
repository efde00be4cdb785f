import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../../../core/function/revision-digest';

/** What a route tells the audit log beyond what its request says. */
export interface ChangeNote {
  readonly before: string | null;
  readonly after: string | null;
  /** False: the request was only a question, e.g. a dry run. */
  readonly changes: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    changeNote: ChangeNote | null;
  }
}

/**
 * Notes how the resource looked before and looks after; null where it was not there. Digests are kept, not values: of
 * what people could guess, e.g. a secret, give what is stored in its place.
 */
export function noteChange(
  request: FastifyRequest,
  change: { readonly before: unknown; readonly after: unknown },
): void {
  request.changeNote = { before: digestOf(change.before), after: digestOf(change.after), changes: true };
}

/** Keeps a request that has changed nothing out of the audit log. */
export function noteUnchanged(request: FastifyRequest): void {
  request.changeNote = { before: null, after: null, changes: false };
}

function digestOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const content = Buffer.isBuffer(value) ? value : canonicalJson(value);
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
