import type { PlacementCase } from '../../placement/placement-case';
import type { Tier } from '../../function/manifest';
import type { UnitPrices } from '../price-table';
import type { SpecPatch } from './advice-change';

/** All that the strategies look at: what was observed in a window, and the prices that the ledger reckons with. */
export interface AdviceFacts {
  /** Length of the window in milliseconds. */
  readonly windowMs: number;
  readonly tiers: Readonly<Record<Tier, UnitPrices>>;
  readonly functions: readonly ObservedFunction[];
  /** The policy in force first, then others on the same recording; empty: nothing was replayed. */
  readonly policies: readonly PolicyEvidence[];
  /** Null where there are fewer than two nodes, or nothing is known of distances. */
  readonly placement: PlacementFacts | null;
}

/** A function in the window. */
export interface ObservedFunction {
  readonly tenant: string;
  readonly name: string;
  /** Of the revision that has most of its traffic. */
  readonly revision: number;
  /** Limits of one instance. */
  readonly memoryBytes: number;
  readonly cpuMillis: number;
  readonly checkpoint: NonNullable<SpecPatch['checkpoint']>;
  /** Of the node that it runs on. */
  readonly tier: Tier;
  readonly calls: number;
  readonly executeMs: number;
  /** Null where the runtime does not measure it. */
  readonly cpuMicros: number | null;
  /** Memory-time that instances were held beside serving, GB·s. */
  readonly idleGbSeconds: { readonly running: number; readonly frozen: number };
  /** Memory that its instances were seen to use; null where nobody has looked. */
  readonly memory: MemoryUse | null;
  /** Starts from a checkpoint. */
  readonly restores: number;
  /** Seconds that a start takes, from nothing and from a checkpoint. */
  readonly coldSeconds: number;
  readonly restoreSeconds: number;
  /** Of its checkpoints in the store, all copies together. */
  readonly sealedBytes: number;
}

/** Of one instance, over all that were looked at. */
export interface MemoryUse {
  readonly samples: number;
  readonly p99Bytes: number;
  readonly peakBytes: number;
  /** Hours between the first look and the last. */
  readonly hours: number;
}

/** What a policy does on a recording. */
export interface PolicyEvidence {
  readonly policy: string;
  readonly calls: number;
  /** Share of calls that found no instance, 0 to 1. */
  readonly coldShare: number;
  /** Share of calls that waited longer than their SLA leaves them; where there is none, that found no instance. */
  readonly lateShare: number;
  /** Seconds by which calls exceeded their SLA, which are credited; 0 for functions without one. */
  readonly lateSeconds: number;
  readonly waitedSeconds: number;
  /** Held beside serving, by the tier that it is priced by. */
  readonly idleGbSeconds: readonly { readonly tier: Tier; readonly running: number; readonly frozen: number }[];
  /** Milliseconds that were replayed and scored. */
  readonly windowMs: number;
}

export interface PlacementFacts {
  readonly problem: PlacementCase;
  /** Bytes that answers sent to users, by function id (`tenant/name`) and region, in the window. */
  readonly sent: readonly { readonly function: string; readonly region: string; readonly bytes: number }[];
  /** What a node of the case costs its owner in a month, in micro-dollars. */
  readonly nodeMonth: Readonly<Record<string, number>>;
}
