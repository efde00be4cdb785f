import { readFileSync } from 'node:fs';
import { jsonOf, type Probe } from '../harness/http-probe';
import { pause } from './start-samples';

/** Memory of the processes of one instance, bytes. */
export interface CloneMemory {
  /** All resident pages, shared ones in full. */
  readonly resident: number;
  /** Pages that only this instance has: what it adds to the machine. */
  readonly own: number;
}

/** Holds `count` clones open at once by as many requests in flight, and reads the memory of each, oldest first. */
export async function measureClones(probe: Probe, target: string, count: number): Promise<CloneMemory[]> {
  await Promise.all(Array.from({ length: count }, () => probe.send(`/fn/default/${target}/`)));
  for (let attempt = 0; attempt < 50; attempt++) {
    const { items } = jsonOf<{ items: { id: string; function: string; pid: number }[] }>(
      await probe.send(`/v1/instances?function=${target}&limit=200`),
    );
    const pids = items.map((item) => item.pid).filter((pid) => pid > 0);
    if (pids.length >= count) return pids.slice(0, count).map(memoryOf);
    await pause(100);
  }
  throw new Error(`${count} instances of ${target} were not seen alive at once`);
}

function memoryOf(pid: number): CloneMemory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return { resident: kilobytes('Rss') * 1024, own: (kilobytes('Private_Clean') + kilobytes('Private_Dirty')) * 1024 };
}
