import { readdir, readFile } from 'node:fs/promises';

/** What /proc/<pid>/stat says about a process. */
export interface ProcEntry {
  readonly pid: number;
  /** R, S, D, T (stopped), Z (ended, not yet waited for) … */
  readonly state: string;
  readonly session: number;
  /** Clock ticks in user and kernel mode, ended children included. */
  readonly cpuTicks: number;
  readonly threads: number;
  /** Clock ticks after boot; with the pid it names a process for ever. */
  readonly startTime: number;
  readonly residentPages: number;
}

/** The process with this number, or null. */
export async function readProcess(pid: number): Promise<ProcEntry | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  if (text === null) return null;
  // the name, in parentheses, may hold anything; numbers follow its last parenthesis
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (position: number): number => Number(fields[position - 3]);
  return {
    pid,
    state: fields[0] ?? '?',
    session: number(6),
    cpuTicks: number(14) + number(15) + number(16) + number(17),
    threads: number(20),
    startTime: number(22),
    residentPages: number(24),
  };
}

/** Whether this very process runs still; one that waits to be reaped does not. */
export async function isAlive(pid: number, startTime: number): Promise<boolean> {
  const entry = await readProcess(pid);
  return entry !== null && entry.startTime === startTime && entry.state !== 'Z' && entry.state !== 'X';
}

async function allPids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** All live processes of a session. */
export async function processesOfSession(session: number): Promise<ProcEntry[]> {
  const entries = await Promise.all((await allPids()).map(readProcess));
  return entries.filter((entry): entry is ProcEntry => entry?.session === session && entry.state !== 'Z');
}

/** Live processes whose environment holds `NAME=value`: those that left the session too. */
export async function processesWithEnv(assignment: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await allPids()) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(assignment)) found.push(pid);
  }
  return found;
}
