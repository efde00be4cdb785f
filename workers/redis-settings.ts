import { z } from 'zod';
import { durationIn } from '../core/function/quantity-schema';

/** `a,b` or a list; each `redis://` or, with TLS, `rediss://`, with user, password and number of the database where they are needed. */
const urls = z
  .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
  .transform((list) => list.map((url) => url.trim()).filter(Boolean))
  .pipe(
    z
      .array(z.string().superRefine(checkUrl))
      .min(1, 'names no Redis: leave it out to have none, or write redis://HOST:PORT'),
  );

const flag = z.stringbool().or(z.boolean());

/** The section `redis`: what several gateways count together. Without `url` each gateway counts for itself. */
export const redisSettingsSchema = z
  .strictObject({
    /** One; or some nodes of a cluster, or some Sentinels. */
    url: urls.optional(),
    cluster: flag.default(false),
    /** Name of the master that the Sentinels at `url` watch. */
    sentinelMaster: z.string().min(1).optional(),
    /** Begins the name of every key; platforms that share a Redis need one each. */
    prefix: z
      .string()
      .regex(/^[\w:.-]{1,64}$/, 'must be 1 to 64 letters, digits or any of : . - _')
      .default('presage:'),
    /** File in PEM with the authorities that sign the certificate of a `rediss://` server, where the system knows them not. */
    caFile: z.string().optional(),
    /** An answer that takes longer counts as none: then each gateway counts for itself until Redis is quick again. */
    timeout: durationIn
      .refine((ms) => ms >= 5 && ms <= 1_000, 'must be 5ms to 1s: requests wait so long for a Redis that hangs')
      .prefault('50ms'),
  })
  .superRefine(({ url = [], cluster, sentinelMaster, caFile }, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (cluster && sentinelMaster !== undefined)
      issue('sentinelMaster', 'is for Redis without cluster: take out one of both');
    if (url.length > 1 && !cluster && sentinelMaster === undefined)
      issue(
        'url',
        `names ${url.length} servers: set redis.cluster: true, or redis.sentinelMaster where they are Sentinels`,
      );
    if (url.length === 0 && (cluster || sentinelMaster !== undefined || caFile !== undefined))
      issue('url', 'is missing: the other settings are of no use without it');
    if (caFile !== undefined && !url.every((each) => each.startsWith('rediss:')))
      issue('caFile', 'is for rediss:// only: redis:// is not encrypted');
    if (cluster && url.some((each) => databaseOf(each) !== 0))
      issue('url', 'a cluster has the database 0 alone: leave the number out');
  });

function checkUrl(text: string, context: z.RefinementCtx): void {
  const issue = (message: string): void => context.addIssue({ code: 'custom', message });
  // Never the text itself: it may hold a password.
  if (!URL.canParse(text)) return issue('is no URL; write redis://HOST:PORT, with TLS rediss://HOST:PORT');
  const { protocol, hostname, pathname } = new URL(text);
  if (protocol !== 'redis:' && protocol !== 'rediss:')
    issue(`begins with ${protocol}// but must with redis:// or rediss://`);
  else if (hostname === '') issue('names no host; write redis://HOST:PORT');
  else if (!/^\/?\d{0,5}$/.test(pathname))
    issue('ends in something that is no number of a database; write redis://HOST:PORT/0');
}

function databaseOf(url: string): number {
  return URL.canParse(url) ? Number(new URL(url).pathname.slice(1) || '0') : 0;
}
