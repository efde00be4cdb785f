import { z } from 'zod';
import { isPlatformError } from '../../error/platform-error';
import { policyOf } from './policy-of';

/** The name of a policy, as `policyOf` takes it. */
export const policyNameSchema = z
  .string()
  .max(100)
  .superRefine((name, context) => {
    try {
      policyOf(name);
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  })
  .meta({ example: 'presage', description: 'presage, fixed:10m, hybrid-histogram:4h, greedy-dual, seed or none' });
