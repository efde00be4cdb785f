import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { PlatformError } from '../../../core/error/platform-error';
import type { RunSpec } from '../../../core/function/run-spec';
import { runAtOrdinaryPriority } from '../../ordinary-priority';
import type { Endpoint, RunningSandbox, SandboxListener } from '../sandbox';
import type { InstanceFolder } from './instance-folder';
import { LogReader, openWriteEnd } from './log-reader';
import { isAlive, processesOfSession, processesWithEnv, readProcess, type ProcEntry } from './proc-table';
import { commandOf, environmentOf, type Launch, type Programs } from './program';

/** How long the last lines of an ended process are waited for; a process that it left behind may hold the pipe. */
const LAST_LINES_MS = 300;
const KILL_MS = 10_000;

/** One instance: a process in a session of its own, with all its children. */
export class ProcessInstance {
  readonly run: RunSpec;
  /** Set by whoever kills it for eating too much memory. */
  outOfMemory = false;
  private process: { readonly pid: number; readonly startTime: number } | null = null;
  private child: ChildProcess | null = null;
  private readers: LogReader[] = [];
  private ended = false;

  constructor(
    readonly launch: Launch,
    private readonly folder: InstanceFolder,
    private readonly listener: SandboxListener,
  ) {
    this.run = { ...launch.run, secretEnv: {} };
  }

  get running(): boolean {
    return this.process !== null && !this.ended;
  }

  /** @throws PlatformError start_failed, unsupported */
  async start(programs: Programs): Promise<RunningSandbox> {
    const [program, ...args] = commandOf(this.launch, programs);
    const { stdout, stderr } = this.folder.logPaths;
    const ends = await Promise.all([openWriteEnd(stdout), openWriteEnd(stderr)]);
    try {
      this.read();
      const child = spawn(program, args, {
        cwd: this.launch.codeDir,
        env: environmentOf(this.launch, programs),
        detached: true, // a session of its own: signals reach all of it, and it outlives the agent
        stdio: ['ignore', ends[0].fd, ends[1].fd],
      });
      child.on('error', () => undefined); // kill() on a process that is gone
      await once(child, 'spawn');
      runAtOrdinaryPriority(child.pid);
      this.child = child;
      const entry = child.pid === undefined ? null : await readProcess(child.pid);
      if (!entry) throw new Error('it ended at once');
      this.process = { pid: entry.pid, startTime: entry.startTime };
      child.once('exit', (code, signal) => void this.onExit(code, signal));
      if (child.exitCode !== null || child.signalCode !== null) void this.onExit(child.exitCode, child.signalCode);
      child.unref();
    } catch (error) {
      this.closeReaders();
      throw new PlatformError('start_failed', `The process could not be started: ${(error as Error).message}`, {
        cause: error,
      });
    } finally {
      await Promise.all(ends.map((end) => end.close()));
    }
    await this.save();
    return this.describe();
  }

  /** Takes over a process that another agent started. False when it is gone. */
  async adopt(process: { pid: number; startTime: number }): Promise<boolean> {
    if (!(await isAlive(process.pid, process.startTime))) return false;
    this.process = process;
    this.read();
    return true;
  }

  /** Ends what adopt() took over once its process is gone: only a parent is told by the kernel. */
  async check(): Promise<void> {
    if (this.child || !this.process || this.ended) return;
    if (!(await isAlive(this.process.pid, this.process.startTime))) await this.onExit(null, null);
  }

  async save(): Promise<void> {
    const { id, run, codeDir, port } = this.launch;
    await this.folder.save({ id, run, codeDir, port, process: this.process });
  }

  /** Sends a signal to all of it. */
  signal(signal: NodeJS.Signals): void {
    if (!this.process || this.ended) return;
    try {
      process.kill(-this.process.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** All its live processes. */
  processes(): Promise<ProcEntry[]> {
    return this.process && !this.ended ? processesOfSession(this.process.pid) : Promise.resolve([]);
  }

  /** Kills all of it, those that left the session too, and removes its files. */
  async destroy(): Promise<void> {
    this.signal('SIGKILL');
    const end = Date.now() + KILL_MS;
    const mark = `PRESAGE_INSTANCE=${this.launch.id}`;
    for (let left = await processesWithEnv(mark); left.length > 0; left = await processesWithEnv(mark)) {
      for (const pid of left) kill(pid);
      if (Date.now() > end) throw new PlatformError('internal', `Processes ${left.join(', ')} cannot be killed`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (this.child && !this.ended && this.child.exitCode === null && this.child.signalCode === null) {
      await once(this.child, 'exit');
    }
    await this.check();
    this.closeReaders();
    await this.folder.remove();
  }

  /** Lets go of it; it runs on. */
  release(): void {
    this.child?.removeAllListeners('exit');
    this.ended = true;
    this.closeReaders();
  }

  describe(): RunningSandbox {
    if (!this.process) throw new PlatformError('not_found', `Instance ${this.launch.id} has not been started`);
    const endpoints: Endpoint[] = [{ kind: 'unix', path: this.folder.socketPath }];
    if (this.launch.port !== null)
      endpoints.push({ kind: 'tcp', host: '127.0.0.1', port: this.launch.port, hereOnly: true });
    return { id: this.launch.id, pid: this.process.pid, endpoints };
  }

  private read(): void {
    const instanceId = this.launch.id;
    for (const stream of ['stdout', 'stderr'] as const) {
      const reader = new LogReader(this.folder.logPaths[stream], ({ invocationId, text }) => {
        if (stream === 'stderr' && text.includes('JavaScript heap out of memory')) this.outOfMemory = true;
        this.listener.logged({ instanceId, invocationId, stream, at: Date.now(), text });
      });
      this.readers.push(reader);
    }
  }

  private async onExit(code: number | null, signal: string | null): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    const patience = new Promise((resolve) => setTimeout(resolve, LAST_LINES_MS));
    await Promise.race([patience, Promise.all(this.readers.map((reader) => reader.ended))]);
    this.closeReaders();
    this.listener.exited(this.launch.id, { code, signal, outOfMemory: this.outOfMemory });
  }

  private closeReaders(): void {
    for (const reader of this.readers) reader.close();
    this.readers = [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}
