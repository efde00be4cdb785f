import path from 'node:path';
import { LogFile } from '../process/log-file';
import type { PidFiles } from '../process/pid-files';
import type { Service } from './service';
import { SupervisedService } from './supervised-service';

const ROTATE_EVERY_MS = 5_000;

/** All services of this machine: started as they are added, ended in the given order. */
export class Supervisor {
  private readonly members: SupervisedService[] = [];
  private readonly logs: LogFile[] = [];
  private readonly rotation: NodeJS.Timeout;
  private stopped: Promise<void> | null = null;

  constructor(
    private readonly pids: PidFiles,
    private readonly logFolder: string,
    private readonly report: (line: string) => void,
  ) {
    this.rotation = setInterval(() => this.logs.forEach((log) => log.rotateIfLarge()), ROTATE_EVERY_MS);
    this.rotation.unref();
  }

  /** Resolves when the service is ready. @throws PlatformError unavailable when it does not get there */
  async start(service: Service): Promise<{ adopted: boolean; pid: number | null }> {
    const log = new LogFile(path.join(this.logFolder, `${service.name}.log`));
    log.rotateIfLarge();
    const member = new SupervisedService(service, { pids: this.pids, log, report: this.report });
    this.logs.push(log);
    this.members.push(member);
    const { adopted } = await member.start();
    return { adopted, pid: member.pid };
  }

  /** Ends group after group (faces first, stores last), the members of one group at once. Idempotent. */
  stop(groups: readonly (readonly string[])[]): Promise<void> {
    this.stopped ??= this.stopAll(groups);
    return this.stopped;
  }

  private async stopAll(groups: readonly (readonly string[])[]): Promise<void> {
    for (const prefixes of groups) {
      const members = this.members.filter(({ service }) => belongs(service.name, prefixes));
      await Promise.all(members.map((member) => member.stop()));
    }
    clearInterval(this.rotation);
  }
}

/** Order in which everything ends: no request is accepted by a face whose store has gone. */
export const STOP_ORDER = [['gateway'], ['control'], ['agent'], ['temporal', 'postgres']] as const;

/** Whether a service name is one of these, or one of several of a kind, e.g. `agent-edge-1` of `agent`. */
export function belongs(name: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => name === prefix || name.startsWith(`${prefix}-`));
}
