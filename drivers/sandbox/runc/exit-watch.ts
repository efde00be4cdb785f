import type { SandboxListener } from '../sandbox';
import type { Instance } from './instance';
import { LogReader } from './log-reader';
import { isAlive } from './process-table';

const STANDARD = [
  [1, 'stdout'],
  [2, 'stderr'],
] as const;
/** For programs that close their output: the end of a pipe tells of all others at once. */
const POLL_MS = 1000;

/**
 * Reads what instances write and notices their end. Both come from the function's own pipes, which outlive the agent:
 * a new agent that opens them anew knows as much as the one that started the instance.
 */
export class ExitWatch {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly instances: ReadonlyMap<string, Instance>,
    private readonly listener: SandboxListener,
  ) {}

  open(): void {
    this.timer = setInterval(() => {
      for (const instance of this.instances.values()) this.check(instance);
    }, POLL_MS);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Begins to read an instance's output, through the process that is in possession of the pipes. */
  attach(instance: Instance): void {
    const pid = instance.process?.pid;
    if (pid === undefined) return;
    for (const [descriptor, stream] of STANDARD) {
      try {
        const reader = new LogReader(
          pid,
          descriptor,
          ({ invocationId, text }, at) =>
            this.listener.logged({ instanceId: instance.id, invocationId, stream, at, text }),
          () => this.check(instance),
        );
        instance.readers.push(reader);
      } catch {
        // it has ended, or closed this stream: the poll sees to it
      }
    }
    this.check(instance);
  }

  detach(instance: Instance): void {
    for (const reader of instance.readers.splice(0)) reader.close();
  }

  /** Tells the listener, once, of an instance whose first process has ended. */
  check(instance: Instance): void {
    const first = instance.process;
    if (instance.ended || !first || isAlive(first.pid, first.startTime)) return;
    instance.ended = true;
    const outOfMemory = instance.cgroup.outOfMemoryKills() > 0;
    // the process was never a child of ours, so the kernel does not tell us its status
    this.listener.exited(instance.id, { code: null, signal: null, outOfMemory });
  }
}
