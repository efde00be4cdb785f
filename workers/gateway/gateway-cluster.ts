import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';

/** Set for each gateway process of a cluster: 1, 2, …; the same after it was started anew. */
const MEMBER = 'PRESAGE_GATEWAY_MEMBER';
const RESTART_MS = 200;

/** This process is the one that owns the port and starts the gateways, where there are several. */
export function leadsGateways(processes: number): boolean {
  return processes > 1 && cluster.isPrimary;
}

/** Which of several gateways on one port this process is; undefined for the only one. */
export function gatewayMember(): string | undefined {
  return process.env[MEMBER];
}

/**
 * Runs several gateways behind one port: each takes connections as it is free to, and one that dies is started anew
 * while the others serve. Resolves when all have ended after `told`. @throws Error when one ends before any has ever listened
 */
export async function leadGateways(processes: number, told: Promise<NodeJS.Signals>, log: Logger): Promise<void> {
  // All accept from one socket: handed out in turn by this process, a connection on its way to a gateway that is killed
  // would neither be answered nor closed. Many connections at one instant are shared less evenly for it.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  let stopping = false;
  let everListened = false;
  const lives: Promise<void>[] = [];
  const failed = new Promise<never>((_, reject) => {
    for (let member = 1; member <= processes; member++) lives.push(live(member).catch(reject));
  });

  async function live(member: number): Promise<void> {
    while (!stopping) {
      const worker = cluster.fork({ [MEMBER]: String(member) });
      worker.once('listening', () => (everListened = true));
      const ending = await endOf(worker);
      if (stopping) return;
      if (!everListened) throw new Error(`Gateway ${member} ended with ${ending} before any gateway listened`);
      log.warn({ event: 'gateway.member-ended', member, ending }, 'A gateway ended and is started anew');
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    }
  }

  const signal = await Promise.race([told, failed]);
  stopping = true;
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
  await Promise.all(lives);
}

function endOf(worker: Worker): Promise<string> {
  return new Promise((resolve) => {
    worker.once('exit', (code: number, signal: string) => resolve(signal ? `signal ${signal}` : `status ${code}`));
  });
}
