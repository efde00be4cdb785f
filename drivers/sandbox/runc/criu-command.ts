import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Mount } from './oci-config';
import { ERRORS, OUTPUT } from './parked-shell';

/** Pieces of at least so many pages are mapped from the image instead of read. */
const MAP_PAGES = 4;
const COMMON = ['--manage-cgroups=ignore', '--ext-unix-sk', '--tcp-close', '-v1'];
const UNPACK = 'tar -xpf "$1" -C "$2" && shift 2 && exec "$@"';
const STATS_HEADER_BYTES = 12;
const DUMP_MESSAGE = 0x0a;
const FROZEN_TIME = 2;

export interface DumpOptions {
  readonly pid: number;
  readonly imageDir: string;
  /** For CRIU's log and statistics. */
  readonly workDir: string;
  readonly mounts: readonly Mount[];
  /** Leave the processes stopped instead of running. */
  readonly leaveStopped: boolean;
}

/** Arguments of `criu dump`. */
export function dumpArguments({ pid, imageDir, workDir, mounts, leaveStopped }: DumpOptions): string[] {
  return [
    'dump',
    ...['-t', String(pid), '-D', imageDir, '-W', workDir, '--root', '/', '-o', 'dump.log'],
    ...mounts.flatMap(({ destination }) => ['--external', `mnt[${destination}]:${destination}`]),
    ...['--empty-ns', 'net'],
    ...COMMON,
    leaveStopped ? '--leave-stopped' : '--leave-running',
  ];
}

export interface RestoreOptions {
  readonly criu: string;
  readonly imageDir: string;
  readonly workDir: string;
  /** A mount point with the root file system. */
  readonly root: string;
  readonly mounts: readonly Mount[];
  /** File of the network namespace to enter. */
  readonly network: string;
  /** The template's pipes for output and errors, e.g. `pipe:[123]`. */
  readonly pipes: { readonly output: string | null; readonly errors: string | null };
  readonly mapPages: boolean;
}

/** In the work folder. */
export const RESTORE_LOG = 'restore.log';

/**
 * What a parked CRIU is told in order to become a new instance: its environment, its name and arguments. It says
 * `restored PID` when the clone runs. `unpack`: the image holds memory only, so an archive with the files of its /tmp is
 * unpacked there before, by a shell in the clone's groups.
 */
export function restoreWords(options: RestoreOptions, unpack: { archive: string; tmp: string } | null): string[] {
  const inherit = (descriptor: number, pipe: string | null): string[] =>
    pipe === null ? [] : ['--inherit-fd', `fd[${descriptor}]:${pipe}`];
  const words = [
    'restore',
    ...['-D', options.imageDir, '-W', options.workDir, '--root', options.root, '-o', RESTORE_LOG],
    ...options.mounts.flatMap(({ destination, source }) => ['--external', `mnt[${destination}]:${source}`]),
    ...['--join-ns', `net:${options.network}`],
    ...inherit(OUTPUT, options.pipes.output),
    ...(options.pipes.errors === options.pipes.output ? [] : inherit(ERRORS, options.pipes.errors)),
    ...COMMON,
    '-d',
  ];
  const program =
    unpack === null ? ['criu'] : ['/bin/sh', '-c', UNPACK, 'presage-restore', unpack.archive, unpack.tmp, options.criu];
  return ['CRIU_TELL=1', ...(options.mapPages ? [`CRIU_MAP_PAGES=${MAP_PAGES}`] : []), ...program, ...words];
}

/** The first error that CRIU wrote, in one sentence; the harmless ones it always writes are left out. */
export function criuComplaint(log: string): string {
  let text: string;
  try {
    text = readFileSync(log, 'utf8');
  } catch {
    return 'CRIU left no log';
  }
  const errors = [...text.matchAll(/Error \([^)]*\): (.*)/g)].map((match) => (match[1] ?? '').trim());
  const telling = errors.filter((line) => !/RLIMIT_NOFILE for self|FAILED\.?$/.test(line));
  return telling[0] ?? errors[0] ?? 'CRIU did not say why';
}

/** How long the processes stood still, in milliseconds, from the statistics CRIU left; undefined when it left none. */
export function frozenTime(workDir: string): number | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path.join(workDir, 'stats-dump'));
  } catch {
    return undefined;
  }
  // a protobuf message in a protobuf message, fields of varints only
  let at = STATS_HEADER_BYTES;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    return value;
  };
  if (bytes[at++] !== DUMP_MESSAGE) return undefined;
  const end = Math.min(bytes.length, varint() + at);
  while (at < end) {
    const field = varint() >> 3;
    const value = varint();
    if (field === FROZEN_TIME) return value / 1000;
  }
  return undefined;
}
