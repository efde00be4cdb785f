import { z } from 'zod';
import { durationIn } from '../function/quantity-schema';
import { DEFAULT_MOVE_RULES } from '../placement/move-rules';
import { DEFAULT_PLACEMENT_PRICES, DEFAULT_WEIGHTS } from '../placement/placement-prices';

const factor = (usual: number) =>
  z.coerce.number('must be a number from 0 on').min(0, 'must be a number from 0 on').default(usual);
const duration = (usual: string) => durationIn.prefault(usual);

/** The section `placement` of the configuration. Prices are in micro-dollars; durations become milliseconds. */
export const placementSettingsSchema = z.strictObject({
  /** False: functions move only by hand, and when their node is drained or lost. */
  enabled: z.stringbool().or(z.boolean()).default(true),
  /** How often functions are placed anew. */
  interval: duration('5m').refine((ms) => ms >= 60_000, 'must be 1m or more'),
  /** How much of the past says who calls what from where. */
  window: duration('6h').refine((ms) => ms >= 3_600_000, 'must be 1h or more'),
  /** Factors of the five terms. */
  weights: z
    .strictObject({
      user: factor(DEFAULT_WEIGHTS.user),
      data: factor(DEFAULT_WEIGHTS.data),
      calls: factor(DEFAULT_WEIGHTS.calls),
      resources: factor(DEFAULT_WEIGHTS.resources),
      migration: factor(DEFAULT_WEIGHTS.migration),
    })
    .prefault({}),
  prices: z
    .strictObject({
      waitSecond: factor(DEFAULT_PLACEMENT_PRICES.waitSecond),
      transferGb: factor(DEFAULT_PLACEMENT_PRICES.transferGb),
      coreHour: factor(DEFAULT_PLACEMENT_PRICES.coreHour),
      gbHour: factor(DEFAULT_PLACEMENT_PRICES.gbHour),
      /** By which share a tier that the function does not prefer counts as dearer. */
      otherTier: factor(DEFAULT_PLACEMENT_PRICES.otherTier),
      /** A move is paid off over so many hours. */
      payOffHours: z.coerce.number().positive('must be above 0').default(DEFAULT_PLACEMENT_PRICES.payOffHours),
    })
    .prefault({}),
  /** By tier, what CPU and memory of its nodes cost in comparison: room at the edge is scarce. */
  priceFactors: z.strictObject({ edge: factor(2), regional: factor(1.4), central: factor(1) }).prefault({}),
  /** Share of what a function costs that its move must save. */
  threshold: factor(DEFAULT_MOVE_RULES.leastShare),
  /** What it must save an hour in any case. */
  leastSaving: factor(DEFAULT_MOVE_RULES.leastSaving),
  /** For so long after a move a function stays where it is, unless another saves `restFactor` times what is asked otherwise. */
  rest: duration(`${DEFAULT_MOVE_RULES.restSeconds}s`),
  restFactor: z.coerce.number().min(1, 'must be 1 or more').default(DEFAULT_MOVE_RULES.restFactor),
  /** Functions that one plan moves at most, and how many of them move at the same time. */
  maxMoves: z.coerce.number().int().min(1).max(1000).default(DEFAULT_MOVE_RULES.most),
  atOnce: z.coerce.number().int().min(1).max(50).default(2),
});

export type PlacementSettings = z.infer<typeof placementSettingsSchema>;
