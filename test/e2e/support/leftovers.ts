import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Everything on this machine that belongs to one platform, by what it is. */
export interface Leftovers {
  readonly processes: readonly string[];
  readonly cgroups: readonly string[];
  readonly mounts: readonly string[];
  readonly instanceFolders: readonly string[];
}

/** What is there now of the platform with this run folder and these folders of its data. */
export function findLeftovers(runDir: string, dataDir: string): Leftovers {
  return {
    processes: processesOf([runDir, dataDir]),
    cgroups: cgroupsOf(path.basename(runDir)),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(runDir) || line.includes(dataDir)),
    instanceFolders: existsSync(runDir)
      ? readdirSync(runDir).flatMap((node) => list(path.join(runDir, node, 'i')).map((id) => `${node}/${id}`))
      : [],
  };
}

function processesOf(words: readonly string[]): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')} ${read(`/proc/${pid}/cgroup`)}`)
    .filter((line) => words.some((word) => line.includes(word)));
}

/** Cgroup folders that carry the id of the run folder, in any hierarchy. */
function cgroupsOf(id: string): string[] {
  const found: string[] = [];
  const walk = (folder: string, depth: number): void => {
    for (const name of list(folder)) {
      const inner = path.join(folder, name);
      if (!isFolder(inner)) continue;
      if (name.includes(id))
        found.push(
          ...list(inner)
            .filter((child) => isFolder(path.join(inner, child)))
            .map((child) => path.join(inner, child)),
        );
      if (depth < 4) walk(inner, depth + 1);
    }
  };
  walk('/sys/fs/cgroup', 0);
  return found;
}

function list(folder: string): string[] {
  return existsSync(folder) && isFolder(folder) ? readdirSync(folder) : [];
}

function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
