import { z } from 'zod';

/** Number of a revision within its function: from 1 on, and no larger than the store can count. */
export const revisionNumber = z
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
