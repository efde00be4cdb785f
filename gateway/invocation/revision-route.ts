import type { Share } from '../../core/admission/share';
import { parseDuration, parseMemory } from '../../core/function/quantity';
import type { RunSpec } from '../../core/function/run-spec';
import type { RevisionRecord } from '../../drivers/store/store';

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
  /** Served by a shim of ours, which never closes an idle connection; a server of the user's own may at any time. */
  readonly keepsConnections: boolean;
}

/** The route of a stored revision. */
export function revisionRouteOf(revision: RevisionRecord): RevisionRoute {
  const { spec } = revision.manifest;
  return {
    revision,
    public: spec.public,
    concurrency: spec.concurrency,
    maxInstances: spec.scale.max,
    keepsConnections: spec.runtime !== 'http',
    share: {
      weight: 1,
      max: Math.min(spec.scale.maxInFlight ?? Number.POSITIVE_INFINITY, spec.scale.max * spec.concurrency),
      reserved: spec.scale.reserved ?? 0,
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
