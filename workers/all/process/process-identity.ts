import { readFileSync } from 'node:fs';

/** A process that cannot be taken for another one that got its number later: start time in clock ticks since that boot. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
}

interface ProcessStat {
  readonly state: string;
  readonly startTicks: number;
}

/** Of a running process; null when there is none with this number (a zombie is none). */
export function identify(pid: number): ProcessIdentity | null {
  const stat = readStat(pid);
  return stat && stat.state !== 'Z' ? { pid, startTicks: stat.startTicks, bootId: bootId() } : null;
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  return identify(identity.pid)?.startTicks === identity.startTicks;
}

/** Whether exactly this process was stopped by a signal (not by a debugger) and does nothing until it is told to go on. */
export function isStopped(identity: ProcessIdentity): boolean {
  return isRunning(identity) && readStat(identity.pid)?.state === 'T';
}

/** Words of the command line; empty for a process that is gone or not ours to read. */
export function commandLine(pid: number): readonly string[] {
  return readProc(`/proc/${pid}/cmdline`)?.split('\0').filter(Boolean) ?? [];
}

/** Signals exactly this process. @returns false when it no longer runs */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** The command name in /proc/PID/stat may hold spaces and brackets, so the fields are counted from its end. */
function readStat(pid: number): ProcessStat | null {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Field 3 of the manual is the first here, so field 22 (starttime) is number 19.
  return { state: fields[0] ?? 'Z', startTicks: Number(fields[19]) };
}

function bootId(): string {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function readProc(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
