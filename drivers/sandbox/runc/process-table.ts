import { readFileSync, readlinkSync } from 'node:fs';

/** A process, told from any other that has or had its id. */
export interface SandboxProcess {
  readonly pid: number;
  readonly startTime: number;
}

/**
 * When a process started, in clock ticks since boot; with the pid it names a process for ever, as pids come round
 * again. Undefined when there is none, or only a zombie.
 */
export function startTimeOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // the second field is the program's name in brackets and may itself hold brackets and spaces
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** Whether that very process still runs. */
export function isAlive(pid: number, startTime: number): boolean {
  return startTimeOf(pid) === startTime;
}

/** What an open descriptor of a process points at, e.g. `pipe:[1234]`. */
export function descriptorOf(pid: number, descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

/** Sends a signal; no error when the process has gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
