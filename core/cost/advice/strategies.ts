import { z } from 'zod';

/** What looks for waste, by name. */
export const STRATEGIES = [
  'right-size-memory',
  'right-size-cpu',
  'keep-alive',
  'checkpoint-retention',
  'network-placement',
  'consolidation',
] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/** The id of a recommendation (`adviceId`). */
export const adviceIdSchema = z
  .string()
  .regex(/^[0-9a-f]{12}$/, 'must be 12 hex digits, as presage cost recommend shows');
