import type { AgentClient } from '../../../agent/rpc/agent-client';
import { isLocalTarget } from '../../../agent/rpc/agent-tls';
import type { InstalledNode } from '../../../core/doctor/installation';
import type { ClusterNode } from '../../../drivers/cluster/cluster';
import { inTime } from '../../../drivers/timing/in-time';

const TIMEOUT_MS = 5_000;

interface NodeLink {
  readonly node: Pick<ClusterNode, 'name' | 'state' | 'address'>;
  readonly client: Pick<AgentClient, 'stats'>;
}

/** What each node's agent says of itself, and how far its clock is from ours. @param now Unix milliseconds */
export function nodeFacts(links: readonly NodeLink[], now: () => number): Promise<readonly InstalledNode[]> {
  return Promise.all(
    links.map(async ({ node: { name, state, address }, client }): Promise<InstalledNode> => {
      const known = { name, state, elsewhere: !isLocalTarget(address) };
      try {
        const asked = now();
        const stats = await inTime(client.stats(), TIMEOUT_MS);
        const halfWay = (now() - asked) / 2;
        const { driver, version, nowMs, hostKeys, diskFreeBytes, diskTotalBytes, checkpoints } = stats;
        return {
          ...known,
          driver,
          version: version || null,
          // Agents of before say 0.
          clockSkewMs: nowMs === 0 ? null : nowMs - (asked + halfWay),
          clockErrorMs: nowMs === 0 ? null : halfWay,
          checkpoints: Object.keys(hostKeys).length > 0,
          disk: diskTotalBytes === 0 ? null : { freeBytes: diskFreeBytes, totalBytes: diskTotalBytes },
          quarantined: checkpoints.filter(({ quarantined }) => quarantined).length,
        };
      } catch {
        const unknown = { driver: null, version: null, clockSkewMs: null, clockErrorMs: null };
        return { ...known, ...unknown, checkpoints: null, disk: null, quarantined: 0 };
      }
    }),
  );
}
