import { z } from 'zod';
import { policyNameSchema } from './policies/policy-name-schema';
import { DEFAULT_PRICES } from './prices';

const price = z.coerce.number().min(0).max(1e9);

/** The section `warming` of the configuration. */
export const warmingSettingsSchema = z.strictObject({
  /** What decides which instances are kept: `presage`, `fixed:10m`, `hybrid-histogram:4h`, `greedy-dual`, `seed`, `none`. */
  policy: policyNameSchema.default('presage'),
  /** Part of a node's memory that targets may fill, what is in use included. */
  memoryShare: z.coerce.number().gt(0).max(1).default(0.8),
  /** In micro-dollars for a second: of a GB of memory, of a caller's wait, of an instance that rests unfrozen, of a GB in the store. */
  prices: z
    .strictObject({
      gbSecond: price.default(DEFAULT_PRICES.gbSecond),
      waitSecond: price.default(DEFAULT_PRICES.waitSecond),
      runningSecond: price.default(DEFAULT_PRICES.runningSecond),
      storedGbSecond: price.default(DEFAULT_PRICES.storedGbSecond),
    })
    .prefault({}),
});
