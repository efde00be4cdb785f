import { type ChildProcess, spawn } from 'node:child_process';
import { fchownSync, fstatSync, openSync, closeSync, constants } from 'node:fs';
import { setPriority } from 'node:os';
import { PlatformError } from '../../../core/error/platform-error';
import { HOST_FUNCTION_USER } from './user-mapping';

/** Descriptors of the shell that become a function's standard input, output and error. */
export const INPUT = 6;
export const OUTPUT = 7;
export const ERRORS = 8;

/** Bounds what a function can write to /tmp; what it does write also counts as its memory. */
const TMP_OPTIONS = 'size=512m,nr_inodes=65536,mode=1777,nosuid,nodev';
const BACKGROUND_PRIORITY = 10;
const START_PRIORITY = -15;

/**
 * A here-document is the one way in which a shell makes an anonymous pipe and keeps it; CRIU cannot carry named ones
 * over. Opened again for both directions, a pipe never breaks for its function, whoever else comes or goes.
 * Entering control groups takes the kernel up to 12 ms, so it is done before a start is asked for. Our CRIU can wait
 * as well (`CRIU_PARKED`), with what every restore begins with behind it; a shell would read its line byte by byte.
 */
const SCRIPT = `
set -e
exec 6<<end 7<<end 8<<end
end
end
end
exec 7<>/proc/self/fd/7 8<>/proc/self/fd/8
mount -t tmpfs -o "$1" presage "$2"
criu=$3
shift 3
for entrance in "$@"; do echo $$ > "$entrance"; done
if [ -n "$criu" ]; then CRIU_PARKED=1 exec "$criu"; fi
echo parked
IFS= read -r line || exit 0
eval "$line"
`;

/** How a program started by a parked shell ended. */
export interface ShellExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ParkOptions {
  /** Where a small file system is mounted. */
  readonly tmp: string;
  /** The control groups to enter. */
  readonly entrances: readonly string[];
  /** The CRIU that is to wait; null for a shell. */
  readonly criu: string | null;
  /** A start waits for it. */
  readonly urgent: boolean;
}

/** A shell or a CRIU that waits in its control groups, with the pipes of a function, for its command. */
export class ParkedShell {
  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
    private readonly exited: Promise<ShellExit>,
  ) {}

  /** False when somebody has killed it meanwhile. */
  get waits(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** @throws PlatformError start_failed */
  static async park({ tmp, entrances, criu, urgent }: ParkOptions): Promise<ParkedShell> {
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'presage-slot', TMP_OPTIONS, tmp, criu ?? '', ...entrances], {
      cwd: '/',
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      stdio: ['pipe', 'pipe', 'pipe'],
      // the agent's terminal or supervisor must not end functions with it
      detached: true,
    });
    const exited = new Promise<ShellExit>((resolve) => {
      child.on('exit', (code, signal) => resolve({ code, signal }));
      child.on('error', () => resolve({ code: 127, signal: null }));
    });
    child.stdin?.on('error', () => undefined);
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2000)));
    const { pid } = child;
    if (pid !== undefined && !urgent) setPriority(pid, BACKGROUND_PRIORITY);
    const parked = new Promise<boolean>((resolve) => {
      child.stdout?.once('data', () => resolve(true));
      void exited.then(() => resolve(false));
    });
    if (!(await parked) || pid === undefined) {
      throw new PlatformError('start_failed', `A sandbox could not be prepared: ${complaint.trim() || 'no shell'}`);
    }
    for (const descriptor of [OUTPUT, ERRORS]) giveToFunction(pid, descriptor);
    return new ParkedShell(child, pid, exited);
  }

  /** Runs that line of shell, which should end in an `exec`; resolves when the command has ended. */
  async become(line: string): Promise<ShellExit> {
    setPriority(this.pid, 0);
    this.child.stdin?.write(`${line}\n`);
    return this.exited;
  }

  /**
   * Gives a parked CRIU its words (see `restoreWords`); resolves with the clone's process id as soon as that runs, null
   * when there is none. CRIU itself ends a little later.
   */
  async restore(words: readonly string[]): Promise<number | null> {
    const restored = new Promise<number | null>((resolve) => {
      let said = '';
      this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const pid = /^restored (\d+)\n/m.exec(said)?.[1];
        if (pid !== undefined) resolve(Number(pid));
      });
      this.child.once('close', () => resolve(null));
    });
    setPriority(this.pid, START_PRIORITY);
    this.child.stdin?.write(`${words.join('\0')}\0\0`);
    return restored;
  }

  /** Ends one that is not needed. */
  async end(): Promise<void> {
    this.child.stdin?.end();
    await this.exited;
  }
}

/** A function may open `/dev/stdout` anew only when the pipe is its own. */
function giveToFunction(pid: number, descriptor: number): void {
  const fd = openSync(`/proc/${pid}/fd/${descriptor}`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFIFO()) {
      throw new PlatformError('unsupported', 'The shell of this machine keeps here-documents in files, not in pipes');
    }
    fchownSync(fd, HOST_FUNCTION_USER, HOST_FUNCTION_USER);
  } finally {
    closeSync(fd);
  }
}

/** One word of a shell command line. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
