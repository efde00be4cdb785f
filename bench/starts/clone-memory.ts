import { readFileSync } from 'node:fs';
import { createAgentClient } from '../../agent/rpc/agent-client';
import { agentAddress, loadConfig } from '../../workers/config';
import type { Probe } from '../harness/http-probe';
import type { PrivatePlatform } from '../harness/platform';
import { pause } from './start-samples';

/** Memory of the processes of one instance, bytes. */
export interface CloneMemory {
  /** All resident pages, shared ones in full. */
  readonly resident: number;
  /** Pages that only this instance has: what it adds to the machine. */
  readonly own: number;
}

/** Waits until `count` clones of a function with that floor live, asks them, and reads the memory of each, oldest first. */
export async function measureClones(
  platform: PrivatePlatform,
  probe: Probe,
  target: string,
  count: number,
): Promise<CloneMemory[]> {
  const config = loadConfig({}, { dataDir: platform.dataDir });
  const agent = createAgentClient(agentAddress(config, { name: 'local' }));
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      await Promise.all(Array.from({ length: count }, () => probe.send(`/fn/default/${target}/`)));
      const { instances } = await agent.stats();
      const clones = instances.filter((item) => item.function === target && item.kind === 'restore' && item.pid > 0);
      if (clones.length >= count)
        return [...clones]
          .sort((a, b) => b.ageMs - a.ageMs)
          .slice(0, count)
          .map((item) => memoryOf(item.pid));
      await pause(100);
    }
  } finally {
    agent.close();
  }
  throw new Error(`${count} clones of ${target} were not seen alive at once`);
}

function memoryOf(pid: number): CloneMemory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return { resident: kilobytes('Rss') * 1024, own: (kilobytes('Private_Clean') + kilobytes('Private_Dirty')) * 1024 };
}
