import { getPriority, setPriority } from 'node:os';

/** A child takes over the priority of an agent that goes ahead of functions; most are not to. No error when it has ended. */
export function runAtOrdinaryPriority(pid: number | undefined): void {
  if (pid === undefined || getPriority() >= 0) return;
  try {
    setPriority(pid, 0);
  } catch {
    // it has ended, and needs no priority any more
  }
}
