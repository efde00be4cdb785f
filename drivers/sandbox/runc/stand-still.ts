import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../core/error/platform-error';
import type { Cgroup } from './cgroup/cgroup';

const DEADLINE_MS = 2000;

/** Freezes an instance's group; done when nothing in it runs. @throws PlatformError internal after 2 s, and it runs on */
export async function standStill(cgroup: Cgroup, id: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  cgroup.freeze();
  while (!cgroup.isFrozen()) {
    if (Date.now() > deadline) {
      cgroup.thaw();
      throw new PlatformError('internal', `Instance ${id} does not come to a standstill`);
    }
    await delay(1);
  }
}
