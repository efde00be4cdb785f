/** One revision on one node at the moment a decision is needed. */
export interface LadderSnapshot {
  /** Requests for an instance that wait. */
  readonly waiting: number;
  /** Running and free. */
  readonly idle: number;
  /** Frozen and free. */
  readonly frozen: number;
  /** Instances that will be free soon: starting, thawing, freezing. They are shared by those who wait. */
  readonly coming: number;
  /** All instances of the revision, `coming` included. */
  readonly live: number;
  /** The manifest's scale.max. */
  readonly max: number;
  /** A published checkpoint that this node can restore and that is not quarantined. */
  readonly restorable: boolean;
  /** Free places for restores and for cold starts on the node. */
  readonly restoreSlots: number;
  readonly coldSlots: number;
  /** Bytes one more instance is promised; free on the node; to be had by evicting. */
  readonly memoryNeeded: number;
  readonly memoryFree: number;
  readonly memoryEvictable: number;
  /** The function is on the node, or may come: as many others as the node has slots for are not in its way. */
  readonly hasSlot: boolean;
}

/** What stands in the way of one more instance. `start`: enough are under way; `functions`: the node has no slot for another. */
export type Obstacle = 'start' | 'scale' | 'functions' | 'memory' | 'slot';

export type LadderStep =
  | { readonly step: 'done' }
  | { readonly step: 'hot' }
  | { readonly step: 'warm' }
  | { readonly step: 'restore' | 'cold'; readonly evictBytes: number }
  | { readonly step: 'wait'; readonly for: Obstacle };

/**
 * The ladder: the best rung that can be taken now for the one who has waited longest. Asked again after each step, it
 * ends in `done` or `wait`. It never asks for more starts than there are waiters, nor for more instances than `max`.
 */
export function nextRung(snapshot: LadderSnapshot): LadderStep {
  if (snapshot.waiting === 0) return { step: 'done' };
  if (snapshot.idle > 0) return { step: 'hot' };
  if (snapshot.coming >= snapshot.waiting) return { step: 'wait', for: 'start' };
  if (snapshot.frozen > 0) return { step: 'warm' };
  if (snapshot.live >= snapshot.max) return { step: 'wait', for: 'scale' };
  if (!snapshot.hasSlot) return { step: 'wait', for: 'functions' };
  const missing = Math.max(0, snapshot.memoryNeeded - snapshot.memoryFree);
  if (missing > snapshot.memoryEvictable) return { step: 'wait', for: 'memory' };
  const rung = snapshot.restorable ? 'restore' : 'cold';
  const slots = rung === 'restore' ? snapshot.restoreSlots : snapshot.coldSlots;
  return slots > 0 ? { step: rung, evictBytes: missing } : { step: 'wait', for: 'slot' };
}
