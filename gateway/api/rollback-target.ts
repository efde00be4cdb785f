import { PlatformError } from '../../core/error/platform-error';
import type { AliasRecord, RevisionRecord } from '../../drivers/store/store';

/**
 * The revision that `live` goes back to: `to`, or the newest ready one that is older than all that live points at.
 * @throws PlatformError not_found for an unknown revision; conflict when it is not ready, or there is none before
 */
export function rollbackTarget(
  name: string,
  revisions: readonly RevisionRecord[],
  live: AliasRecord | undefined,
  to: number | undefined,
): number {
  if (to !== undefined) {
    const named = revisions.find((revision) => revision.number === to);
    if (!named) throw new PlatformError('not_found', `${name} has no revision ${to}.`);
    if (named.state === 'ready') return to;
    throw new PlatformError('conflict', `Revision ${to} of ${name} is ${named.state}: it cannot serve.`, {
      hint: 'Choose a ready one, or deploy it again.',
    });
  }
  const oldest = Math.min(...(live?.weights.map((share) => share.revision) ?? []));
  const before = revisions.filter((revision) => revision.state === 'ready' && revision.number < oldest);
  const numbers = before.map((revision) => revision.number);
  if (live && numbers.length > 0) return Math.max(...numbers);
  throw new PlatformError('conflict', `${name} has no ready revision before the live one.`, {
    hint: 'Name one with {"to": N}, or deploy again.',
  });
}
