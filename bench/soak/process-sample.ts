import { namesIn, textOf } from '../harness/kernel-files';

/** What a component holds: its process and those that descend from it, functions' sandboxes left out. */
export interface ProcessSample {
  readonly component: string;
  /** Milliseconds after the first sample. */
  readonly at: number;
  /** Proportional share of the memory that is in RAM: what processes share is counted once in all. */
  readonly bytes: number;
  readonly descriptors: number;
}

/**
 * Samples one component. @param family whether its descendants count too, as those of a database server do: an agent's
 * are the functions
 */
export function sampleProcess(component: string, pid: number, family: boolean, at: number): ProcessSample {
  const pids = family ? [pid, ...descendantsOf(pid)] : [pid];
  const bytes = pids.reduce((sum, each) => sum + pssOf(each), 0);
  const descriptors = pids.reduce((sum, each) => sum + namesIn(`/proc/${each}/fd`).length, 0);
  return { component, at, bytes, descriptors };
}

function pssOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024;
}

function descendantsOf(pid: number): number[] {
  const children = namesIn(`/proc/${pid}/task`)
    .flatMap((thread) => textOf(`/proc/${pid}/task/${thread}/children`).trim().split(' '))
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
