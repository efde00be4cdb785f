import type { Headers } from 'tar-stream';
import { PlatformError } from '../error/platform-error';
import type { ArchiveLimits } from './archive-limits';
import { archiveError, entryPath, parentPath } from './entry-path';
import { findEscapingLink } from './link-scope';

export interface ArchiveEntry {
  /** Relative, without `.` or `..`. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink';
  readonly bytes: number;
  readonly executable: boolean;
  /** Of a symlink as written; of a hardlink the path of an earlier file. */
  readonly target: string | null;
}

export interface ArchiveSummary {
  /** `oci` when it is an OCI image layout. */
  readonly kind: 'layer' | 'oci';
  readonly entries: number;
  /** Of all files, unpacked. */
  readonly bytes: number;
}

const MAX_TARGET_LENGTH = 1024;

/**
 * Holds a code archive to its rules, entry by entry, before anything of it is written: nothing may point or lead
 * outside, be two things at once, or be other than files, folders and links.
 */
export class ArchiveChecker {
  /** By path in lower case and normal form: its true spelling and kind. */
  private readonly seen = new Map<string, { readonly path: string; kind: ArchiveEntry['kind'] | 'implied' }>();
  private readonly links = new Map<string, string>();
  private bytes = 0;

  constructor(private readonly limits: ArchiveLimits) {}

  /** Null for the root folder's own entry. @throws PlatformError invalid_archive naming the entry and how to mend it */
  check(header: Headers): ArchiveEntry | null {
    const kind = kindOf(header);
    const path = entryPath(header.name);
    if (path === '') {
      if (kind === 'directory') return null;
      throw archiveError(header.name, 'has no name', 'Pack the archive again.');
    }
    const bytes = kind === 'file' ? sizeOf(header) : 0;
    this.bytes += bytes;
    if (this.bytes > this.limits.maxBytes) {
      throw archiveError(
        header.name,
        `brings the archive above ${this.limits.maxBytes} unpacked bytes`,
        'Leave out what the function does not need (.presageignore).',
      );
    }
    this.register(path, kind, header.name);
    const executable = ((header.mode ?? 0) & 0o111) !== 0;
    return { path, kind, bytes, executable, target: this.targetOf(header, path, kind) };
  }

  /** After the last entry. @throws PlatformError invalid_archive when a link leads outside or nothing is there */
  finish(): ArchiveSummary {
    if (![...this.seen.values()].some(({ kind }) => kind === 'file')) {
      throw new PlatformError('invalid_archive', 'The archive holds no file', {
        hint: 'Pack the function folder, e.g. tar -czf code.tgz -C FOLDER .',
      });
    }
    const escaping = findEscapingLink(this.links);
    if (escaping !== null) {
      throw archiveError(
        escaping,
        `is a symbolic link that leads out of the archive, to ${JSON.stringify(this.links.get(escaping))}`,
        'Put the file itself in its place, or a relative link inside the folder.',
      );
    }
    const isFile = (name: string): boolean =>
      this.seen.get(name)?.kind === 'file' && this.seen.get(name)?.path === name;
    const kind = isFile('oci-layout') && isFile('index.json') ? 'oci' : 'layer';
    return { kind, entries: this.seen.size, bytes: this.bytes };
  }

  private register(path: string, kind: ArchiveEntry['kind'], name: string): void {
    for (let parent = parentPath(path); parent !== ''; parent = parentPath(parent)) {
      const known = this.lookUp(parent, name);
      if (known === undefined) this.seen.set(keyOf(parent), { path: parent, kind: 'implied' });
      else if (known === 'directory' || known === 'implied') break;
      else
        throw archiveError(
          name,
          `lies under ${JSON.stringify(parent)}, which is a ${known} and no folder`,
          'Pack the archive again.',
        );
    }
    const known = this.lookUp(path, name);
    if (known !== undefined && !(kind === 'directory' && (known === 'directory' || known === 'implied'))) {
      throw archiveError(
        name,
        'is there twice',
        'Pack the archive again from the folder, without appending to an old one.',
      );
    }
    this.seen.set(keyOf(path), { path, kind });
    if (this.seen.size > this.limits.maxEntries) {
      throw archiveError(
        name,
        `is one more than the allowed ${this.limits.maxEntries} entries`,
        'Leave out what the function does not need (.presageignore), or bundle it.',
      );
    }
  }

  /** What is known at this path. @throws invalid_archive when it is known in another spelling only */
  private lookUp(path: string, name: string): ArchiveEntry['kind'] | 'implied' | undefined {
    const known = this.seen.get(keyOf(path));
    if (known && known.path !== path) {
      throw archiveError(
        name,
        `and ${JSON.stringify(known.path)} differ only in upper and lower case or in how accents are written`,
        'Rename one of them: on some file systems they are one file.',
      );
    }
    return known?.kind;
  }

  private targetOf(header: Headers, path: string, kind: ArchiveEntry['kind']): string | null {
    if (kind !== 'symlink' && kind !== 'hardlink') return null;
    const target = header.linkname ?? '';
    if (target === '' || target.length > MAX_TARGET_LENGTH || target.includes('\0')) {
      throw archiveError(header.name, 'is a link with an impossible target', 'Put the file itself in its place.');
    }
    if (kind === 'symlink') {
      this.links.set(path, target);
      return target;
    }
    const file = entryPath(target);
    if (this.seen.get(keyOf(file))?.kind === 'file' && this.seen.get(keyOf(file))?.path === file) return file;
    throw archiveError(
      header.name,
      `is a hard link to ${JSON.stringify(target)}, which is no earlier file of the archive`,
      'Put the file itself in its place (tar --hard-dereference).',
    );
  }
}

function keyOf(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function kindOf(header: Headers): ArchiveEntry['kind'] {
  const { type } = header;
  if (type === 'file' || type === 'contiguous-file') return 'file';
  if (type === 'directory' || type === 'symlink') return type;
  if (type === 'link') return 'hardlink';
  throw archiveError(
    header.name,
    `is a ${type ?? 'special file'}; only files, folders and links are taken`,
    'Leave it out (.presageignore).',
  );
}

/** @throws PlatformError invalid_archive for a size that no file has */
export function sizeOf(header: Headers): number {
  const size = header.size ?? 0;
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw archiveError(header.name, 'has an impossible size', 'Pack the archive again.');
}
