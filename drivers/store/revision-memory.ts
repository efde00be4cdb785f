import { mergedLooks } from '../../core/cost/advice/memory-looks';
import type { MemoryHour, RevisionMemory } from './advice-store';

/** What hours come to by revision. @param hours in the order of their begins */
export function revisionMemory(hours: Iterable<Pick<MemoryHour, 'revisionId' | 'hour' | 'looks'>>): RevisionMemory[] {
  const found = new Map<string, RevisionMemory>();
  for (const { revisionId, hour, looks } of hours) {
    const known = found.get(revisionId);
    found.set(revisionId, {
      revisionId,
      looks: known ? mergedLooks(known.looks, looks) : looks,
      firstHour: known?.firstHour ?? hour,
      lastHour: hour,
    });
  }
  return [...found.values()];
}
