import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { PlatformError, type Problem } from '../../core/error/platform-error';
import { commandLine } from './process/process-identity';

/** A port that one of our processes is about to listen on. */
export interface WantedPort {
  readonly host: string;
  readonly port: number;
  /** Who wants it, for the sentence. */
  readonly owner: string;
  /** The flag of `npm start` that gives another one. */
  readonly flag: string;
}

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** @throws PlatformError conflict that names every port that is taken, its holder, and the flag that changes it */
export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  const problems: Problem[] = [];
  for (const [index, entry] of wanted.entries()) {
    const twin = wanted.slice(0, index).find(({ port }) => port === entry.port);
    if (twin)
      problems.push({ path: entry.flag, message: `port ${entry.port} is wanted by ${twin.owner} and ${entry.owner}` });
    else if (!(await isFree(entry.host, entry.port))) problems.push(taken(entry));
  }
  if (problems.length === 0) return;
  const sentences = problems.map(({ message, path }) => `${message}; choose another with ${path} PORT`);
  throw new PlatformError('conflict', sentences.join('\n'), { problems });
}

/** Whether we could listen there now. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The process that listens on a TCP port of this machine; null when it cannot be found (another user's, without root). */
export function portHolder(port: number): PortHolder | null {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return null;
  for (const pid of readFolder('/proc').filter((name) => /^\d+$/.test(name))) {
    const folder = `/proc/${pid}/fd`;
    if (readFolder(folder).some((descriptor) => inodes.has(socketInode(`${folder}/${descriptor}`)))) {
      return { pid: Number(pid), command: commandLine(Number(pid)).join(' ').slice(0, 120) };
    }
  }
  return null;
}

function taken({ port, owner, flag }: WantedPort): Problem {
  const holder = portHolder(port);
  const by = holder ? ` by process ${holder.pid} (${holder.command})` : '';
  return { path: flag, message: `port ${port}, wanted by ${owner}, is taken${by}` };
}

/** Rows of /proc/net/tcp in state 0A (listening) at this port; their tenth column is the socket's inode. */
function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return readText(table)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === '0A' && columns[1]?.endsWith(`:${wanted}`))
    .map((columns) => columns[9] ?? '');
}

function socketInode(descriptor: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(descriptor))?.[1] ?? '';
  } catch {
    return '';
  }
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
