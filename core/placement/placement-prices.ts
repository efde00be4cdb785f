import { z } from 'zod';
import { LIST_RESOURCE_PRICES, type ResourcePrices } from '../cost/resource-prices';

/** The five terms of cost: waits of users, of data, of calls between functions, room on nodes, and moves. */
export const COST_TERMS = ['user', 'data', 'calls', 'resources', 'migration'] as const;
export type CostTerm = (typeof COST_TERMS)[number];

/** Factors of the five terms, each 0 or more. With 1 for all, the sum is what one placement costs an hour. */
export type PlacementWeights = Readonly<Record<CostTerm, number>>;

export const DEFAULT_WEIGHTS: PlacementWeights = { user: 1, data: 1, calls: 1, resources: 1, migration: 1 };

const factor = z.number({ error: 'must be a number from 0 on' }).min(0, 'must be a number from 0 on');

/** Of weights that come from outside, all five of them. */
export const placementWeightsSchema = z.strictObject({
  user: factor,
  data: factor,
  calls: factor,
  resources: factor,
  migration: factor,
});

/** What each harm costs, in micro-dollars. */
export interface PlacementPrices {
  /** Of a second that a caller waits. */
  readonly waitSecond: number;
  /** Of a gigabyte (10^9 bytes) that crosses from one region to another. */
  readonly transferGb: number;
  /** Of a core for an hour on a node of price factor 1. */
  readonly coreHour: number;
  /** Of a gigabyte (10^9 bytes) of memory for an hour on a node of price factor 1. */
  readonly gbHour: number;
  /** By which share a node of a tier that the function does not prefer counts as dearer. */
  readonly otherTier: number;
  /** A move is paid off over so many hours: what it costs once is divided by them. */
  readonly payOffHours: number;
}

/** Of prices that come from outside. */
export const placementPricesSchema = z.strictObject({
  waitSecond: factor,
  transferGb: factor,
  coreHour: factor,
  gbHour: factor,
  otherTier: factor,
  payOffHours: z.number({ error: 'must be a number above 0' }).positive('must be a number above 0'),
});

const HOUR_SECONDS = 3_600;

/** What each harm costs where resources cost so much. */
export function placementPricesOf({ gbSecond, coreSecond, transferGb, waitSecond }: ResourcePrices): PlacementPrices {
  return {
    ...{ waitSecond, transferGb },
    coreHour: coreSecond * HOUR_SECONDS,
    gbHour: gbSecond * HOUR_SECONDS,
    otherTier: 0.1,
    payOffHours: 6,
  };
}

export const DEFAULT_PLACEMENT_PRICES = placementPricesOf(LIST_RESOURCE_PRICES);
