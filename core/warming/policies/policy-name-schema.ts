import { z } from 'zod';
import { checkedBy } from '../../function/quantity-schema';
import { policyOf } from './policy-of';

/** The name of a policy, as `policyOf` takes it. */
export const policyNameSchema = z
  .string()
  .max(100)
  .superRefine(checkedBy(policyOf))
  .meta({ example: 'presage', description: 'presage, fixed:10m, hybrid-histogram:4h, greedy-dual, seed or none' });
