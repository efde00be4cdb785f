import type { Tier } from '../../../core/function/manifest';

const DISTANCE: Readonly<Record<Tier, number>> = { edge: 0, regional: 1, central: 2 };

/** All tiers, from the users inwards; types alone come from the core, for its schemas would come along. */
export const TIER_ORDER = Object.keys(DISTANCE) as readonly Tier[];
