import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PlatformError } from '../../core/error/platform-error';

/** Does the caller want to follow, by `accept: text/event-stream`? */
export function follows(request: FastifyRequest): boolean {
  return /\btext\/event-stream\b/.test(request.headers.accept ?? '');
}

/** The row a reader saw last, from `last-event-id`. @throws PlatformError invalid_argument */
export function resumeAfter(request: FastifyRequest): string | undefined {
  const id = request.headers['last-event-id'];
  if (id === undefined || id === '') return undefined;
  if (typeof id === 'string' && /^[\w.:-]{1,100}$/.test(id)) return id;
  throw new PlatformError('invalid_argument', 'Last-Event-ID is not an id of this stream.', {
    hint: 'Leave it away to begin now.',
  });
}

/** Query of a list that can be followed. */
export const streamQuery = {
  tail: z.coerce
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('of a stream: how many of the newest rows to show first'),
};

/** A page as JSON, or server-sent events. */
export function streamAnswer<S extends z.ZodType>(page: S) {
  return {
    description: 'A page, or a stream of server-sent events',
    content: {
      'application/json': { schema: page },
      'text/event-stream': { schema: z.string().describe('id, event and data per row; a comment as a sign of life') },
    },
  };
}
