import { ArchiveChecker, type ArchiveSummary } from './archive-checker';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './archive-limits';
import { archiveBytes } from './archive-stream';
import { readTar } from './read-tar';

/**
 * Reads a code archive (tar or tar.gz) to its end and says what it is, without writing anything: what the API does
 * before it takes one. @throws PlatformError invalid_archive with the entry's name and how to mend it
 */
export async function validateArchive(
  archive: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<ArchiveSummary> {
  const checker = new ArchiveChecker(limits);
  for await (const { header } of readTar(archiveBytes(archive, limits))) checker.check(header);
  return checker.finish();
}
