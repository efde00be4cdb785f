import { chownSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';

/** A system user of /etc/passwd. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A command as it is to be spawned. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Null when we are not root: then everything runs as ourselves. */
export function postgresUser(): SystemUser | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const user = users.find(({ name }) => name === 'postgres') ?? users.find(({ name }) => name === 'nobody');
  if (user) return user;
  throw new PlatformError('unsupported', 'PostgreSQL does not run as root, and there is no other user to run it as', {
    hint: 'Add one: useradd --system postgres',
  });
}

/** A folder of this user's own; ours when `user` is null. */
export function ownedFolder(folder: string, user: SystemUser | null): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user) chownSync(folder, user.uid, user.gid);
}

/** Whether the user may walk to this path: some parents, such as /root or a temporary folder, are closed to all others. */
export function canReach(target: string, user: SystemUser): boolean {
  for (let folder = path.dirname(target); ; folder = path.dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/**
 * A command of a user who cannot reach some of its folders. Each is mounted at a place that the user can reach, in a mount
 * namespace of the command alone, so that nothing is left when it ends. `mounts` are [source, existing empty folder].
 */
export function launchWithMounts(
  user: SystemUser,
  mounts: readonly (readonly [string, string])[],
  command: string,
  args: readonly string[],
): Launch {
  const inside = [
    'set -e',
    ...mounts.map(() => 'mount --bind "$1" "$2"; shift 2'),
    'uid=$1 gid=$2; shift 2',
    'exec setpriv --reuid "$uid" --regid "$gid" --clear-groups -- "$@"',
  ].join('\n');
  // In a changed root that is no mount point itself the propagation cannot be set, and need not be.
  const outside = [
    'way=private',
    'unshare --mount --propagation private true 2>/dev/null || way=unchanged',
    'exec unshare --mount --propagation "$way" -- sh -c "$@"',
  ].join('\n');
  const ids = [String(user.uid), String(user.gid)];
  return { command: 'sh', args: ['-c', outside, 'sh', inside, 'sh', ...mounts.flat(), ...ids, command, ...args] };
}
