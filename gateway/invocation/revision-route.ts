import type { Share } from '../../core/admission/share';
import { parseDuration, parseMemory } from '../../core/function/quantity';
import type { RunSpec } from '../../core/function/run-spec';
import type { Isolation } from '../../core/function/isolation';
import type { Tier } from '../../core/function/manifest';
import type { PlacementRecord } from '../../drivers/store/placement-store';
import type { RevisionRecord } from '../../drivers/store/store';
import type { CoveredFunction } from '../budget/covered-function';

/** A revision with what the invocation path needs of it, units resolved once. */
export interface RevisionRoute {
  readonly revision: RevisionRecord;
  /** No API key is needed. */
  readonly public: boolean;
  readonly concurrency: number;
  readonly maxInstances: number;
  readonly memoryBytes: number;
  /** Of the places that its tenant has in this gateway. */
  readonly share: Share;
  readonly timeouts: RunSpec['timeouts'];
  /** Latency that its `sla` promises, in milliseconds; null: none. */
  readonly slaMs: number | null;
  /** Served by a shim of ours, which never closes an idle connection; a server of the user's own may at any time. */
  readonly keepsConnections: boolean;
  /** Where it may run. */
  readonly tiers: readonly Tier[];
  /** Which nodes may run it. */
  readonly isolation: Isolation;
  /** Undefined: in all regions. */
  readonly regions: readonly string[] | undefined;
  /** Served to the last picodollar of a budget, when others are not any more. */
  readonly critical: boolean;
  /** What its function may spend, as known last; null: no budget covers it. */
  spend: CoveredFunction | null;
  /** Where its function is placed, as known last; null: anywhere. */
  placement: PlacementRecord | null;
}

/** The route of a stored revision. */
export function revisionRouteOf(revision: RevisionRecord): RevisionRoute {
  const { spec } = revision.manifest;
  const served = spec.scale.max * spec.concurrency;
  const { maxInFlight = served, reserved = 0 } = spec.scale;
  return {
    revision,
    public: spec.public,
    concurrency: spec.concurrency,
    maxInstances: spec.scale.max,
    keepsConnections: spec.runtime !== 'http',
    tiers: spec.tier.allow,
    isolation: spec.isolation,
    regions: spec.placement?.regions,
    critical: spec.critical === true,
    spend: null,
    placement: null,
    slaMs: spec.sla?.latencyMs ?? null,
    share: {
      weight: 1,
      max: Math.min(maxInFlight, served),
      reserved,
      // What the instances can serve is bounded by the agents; only less than that is a promise of the gateways'.
      ...(maxInFlight < served ? { shared: true } : {}),
    },
    memoryBytes: parseMemory(spec.resources.memory),
    timeouts: {
      startMs: parseDuration(spec.timeouts.start),
      firstByteMs: parseDuration(spec.timeouts.firstByte),
      idleMs: parseDuration(spec.timeouts.idle),
      totalMs: parseDuration(spec.timeouts.total),
    },
  };
}
