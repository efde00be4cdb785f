import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { PlatformError } from '../../../core/error/platform-error';
import { assetPath } from '../../asset-path';
import { ensureRuntimeFiles } from '../runtime-files';
import type {
  FoundSandbox,
  RunningSandbox,
  SandboxCapabilities,
  SandboxDriver,
  SandboxListener,
  SandboxSpec,
  SandboxStats,
} from '../sandbox';
import { InstanceFolder } from './instance-folder';
import type { ProcEntry } from './proc-table';
import { ProcessInstance } from './process-instance';
import { findSystemProgram, type Programs } from './program';

const EXIT_CHECK_MS = 200;
const MEMORY_CHECK_MS = 1000;
const SIGNAL_MS = 5000;
const NO_CHECKPOINT = 'The process driver cannot make or restore checkpoints; that needs runc and CRIU';
const NO_BLANKS = 'The process driver boots no runtimes ahead: code cannot be shown to a process that runs';

export interface ProcessDriverOptions {
  /** This node's folder for instance folders (`i/<id>`); short, because Unix socket paths end at 107 bytes. */
  readonly runDir: string;
  /** Where prepared runtime shims are kept; without it they run from where they are. */
  readonly cacheDir?: string;
  /** Where functions reach the gateway; null where there is none. */
  readonly gatewayUrl: string | null;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Functions as plain child processes: no isolation and no checkpoints, but it works everywhere. */
export function createProcessDriver(options: ProcessDriverOptions): SandboxDriver {
  return new ProcessDriver(options);
}

class ProcessDriver implements SandboxDriver {
  readonly name = 'process';
  private readonly home: string;
  private readonly instances = new Map<string, ProcessInstance>();
  private readonly timers: NodeJS.Timeout[] = [];
  private listener: SandboxListener | undefined;
  private programs: Programs | undefined;
  private units = { clockTicks: 100, pageBytes: 4096 };

  constructor(private readonly options: ProcessDriverOptions) {
    this.home = path.join(options.runDir, 'i');
  }

  capabilities(): Promise<SandboxCapabilities> {
    const reasons = [
      NO_CHECKPOINT,
      NO_BLANKS,
      'Functions run as plain processes: they see the host, and "network: none" is not enforced',
      'Without cgroups memory is watched once a second, and CPU and process counts are not limited',
    ];
    if (!findSystemProgram('python3')) reasons.push('python3 is not installed: Python functions cannot run');
    if (!findSystemProgram('prlimit')) reasons.push('prlimit is not installed: open files are not limited');
    return Promise.resolve({
      pause: true,
      checkpoint: false,
      restore: false,
      isolation: false,
      network: true,
      blanks: false,
      reasons,
    });
  }

  async open(listener: SandboxListener): Promise<void> {
    this.listener = listener;
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    const python = findSystemProgram('python3');
    const { cacheDir, gatewayUrl } = this.options;
    const runtimes = cacheDir ? await ensureRuntimeFiles(cacheDir, python) : assetPath('drivers/sandbox/runtimes');
    this.programs = { node: process.execPath, python, prlimit: findSystemProgram('prlimit'), runtimes, gatewayUrl };
    this.units = { clockTicks: await getconf('CLK_TCK', 100), pageBytes: await getconf('PAGESIZE', 4096) };
    this.every(EXIT_CHECK_MS, async () => {
      for (const instance of this.instances.values()) await instance.check();
    });
    this.every(MEMORY_CHECK_MS, () => this.watchMemory());
  }

  async create(spec: SandboxSpec): Promise<void> {
    if (this.instances.has(spec.id)) throw new PlatformError('conflict', `Instance ${spec.id} exists already`);
    const instance = this.instanceOf(spec, spec.run.runtime === 'http' ? await freePort() : null);
    this.instances.set(spec.id, instance);
    try {
      await this.folderOf(spec.id).make();
      await instance.save();
    } catch (error) {
      this.instances.delete(spec.id);
      throw error;
    }
  }

  async start(id: string): Promise<RunningSandbox> {
    const instance = this.get(id);
    if (instance.running) return instance.describe();
    if (!this.programs) throw new PlatformError('internal', 'The driver is not open');
    return instance.start(this.programs);
  }

  startBlank(): Promise<never> {
    return Promise.reject(new PlatformError('unsupported', NO_BLANKS));
  }

  specialise(): Promise<never> {
    return Promise.reject(new PlatformError('unsupported', NO_BLANKS));
  }

  async pause(id: string): Promise<void> {
    await this.switchAll(id, 'SIGSTOP', (entry) => entry.state === 'T');
  }

  async resume(id: string): Promise<void> {
    await this.switchAll(id, 'SIGCONT', (entry) => entry.state !== 'T');
  }

  checkpoint(): Promise<never> {
    return Promise.reject(new PlatformError('unsupported', NO_CHECKPOINT));
  }

  restore(): Promise<never> {
    return Promise.reject(new PlatformError('unsupported', NO_CHECKPOINT));
  }

  async destroy(id: string): Promise<void> {
    const instance = this.instances.get(id) ?? (await this.fromRecord(id));
    if (!instance) return this.folderOf(id).remove();
    await instance.destroy();
    this.instances.delete(id);
  }

  async stats(id: string): Promise<SandboxStats> {
    return this.sum(await this.get(id).processes());
  }

  async recover(): Promise<FoundSandbox[]> {
    const found: FoundSandbox[] = [];
    for (const id of await readdir(this.home).catch(() => [] as string[])) {
      if (this.instances.has(id)) continue;
      const instance = await this.fromRecord(id);
      if (instance?.running) {
        this.instances.set(id, instance);
        const states = await instance.processes();
        const frozen = states.length > 0 && states.every((entry) => entry.state === 'T');
        found.push({ ...instance.describe(), frozen, run: instance.run });
      } else {
        this.options.log.info({ instance: id }, 'removing what an instance left behind');
        await (instance ? instance.destroy() : this.folderOf(id).remove());
      }
    }
    return found;
  }

  hostKey(runtime: string): Promise<string> {
    return Promise.resolve(`process/${process.version}/${runtime}`);
  }

  async close({ destroyAll }: { destroyAll: boolean }): Promise<void> {
    for (const timer of this.timers.splice(0)) clearInterval(timer);
    if (destroyAll) await Promise.all([...this.instances.keys()].map((id) => this.destroy(id)));
    for (const instance of this.instances.values()) instance.release();
    this.instances.clear();
  }

  private get(id: string): ProcessInstance {
    const instance = this.instances.get(id);
    if (!instance) throw new PlatformError('not_found', `There is no instance ${id} on this node`);
    return instance;
  }

  private folderOf(id: string): InstanceFolder {
    return new InstanceFolder(path.join(this.home, id));
  }

  private instanceOf(spec: SandboxSpec, port: number | null): ProcessInstance {
    if (!this.listener) throw new PlatformError('internal', 'The driver is not open');
    const folder = this.folderOf(spec.id);
    const { socketPath, tmpDir } = folder;
    return new ProcessInstance({ ...spec, socketPath, tmpDir, port }, folder, this.listener);
  }

  /** The instance that an agent before this one left in its folder, taken over where it still runs. */
  private async fromRecord(id: string): Promise<ProcessInstance | null> {
    const record = existsSync(path.join(this.home, id)) ? await this.folderOf(id).load() : null;
    if (!record) return null;
    const instance = this.instanceOf(record, record.port);
    if (record.process) await instance.adopt(record.process);
    return instance;
  }

  /** Signals are delivered some time later: waits until all its processes have followed. */
  private async switchAll(id: string, signal: NodeJS.Signals, done: (entry: ProcEntry) => boolean): Promise<void> {
    const instance = this.get(id);
    if (!instance.running) throw new PlatformError('not_found', `Instance ${id} does not run`);
    const end = Date.now() + SIGNAL_MS;
    instance.signal(signal);
    while (!(await instance.processes()).every(done)) {
      if (Date.now() > end) throw new PlatformError('internal', `Instance ${id} does not follow ${signal}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private sum(entries: readonly ProcEntry[]): SandboxStats {
    const total = (value: (entry: ProcEntry) => number): number =>
      entries.reduce((sum, entry) => sum + value(entry), 0);
    return {
      cpuMicros: Math.round((total((entry) => entry.cpuTicks) * 1e6) / this.units.clockTicks),
      memoryBytes: total((entry) => entry.residentPages) * this.units.pageBytes,
      pids: total((entry) => entry.threads),
    };
  }

  private async watchMemory(): Promise<void> {
    for (const [id, instance] of this.instances) {
      if (!instance.running) continue;
      const { memoryBytes } = this.sum(await instance.processes());
      if (memoryBytes <= instance.run.limits.memoryBytes) continue;
      this.options.log.warn({ instance: id, memoryBytes }, 'an instance is over its memory limit and is killed');
      instance.outOfMemory = true;
      instance.signal('SIGKILL');
    }
  }

  private every(ms: number, action: () => Promise<void>): void {
    let busy = false;
    const tick = (): void => {
      if (busy) return;
      busy = true;
      action()
        .catch((error: unknown) => this.options.log.warn({ err: error }, 'a check of the instances failed'))
        .finally(() => (busy = false));
    };
    this.timers.push(setInterval(tick, ms).unref());
  }
}

async function getconf(name: string, fallback: number): Promise<number> {
  const answer = await promisify(execFile)('getconf', [name]).catch(() => ({ stdout: '' }));
  return Number(answer.stdout.trim()) || fallback;
}

/** A TCP port of the loopback that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
