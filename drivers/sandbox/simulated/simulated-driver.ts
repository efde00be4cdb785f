import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { BLANK_LIMITS, type BlankKind, type BlankSandbox } from '../blank';
import type {
  CheckpointResult,
  FoundSandbox,
  RunningSandbox,
  SandboxCapabilities,
  SandboxDriver,
  SandboxListener,
  SandboxSpec,
  SandboxStats,
} from '../sandbox';
import type { SimulatedMachine } from './simulated-machine';
import { type SimulatedInstance } from './simulated-machine';
import { measuredStartTimes, type StartTimes } from './start-times';

const IMAGE_FILE = 'image.json';
/** Part of its limit that a simulated instance uses. */
const MEMORY_SHARE = 0.4;
const CHECKPOINT_MS = 20;
const BLANK_MEMORY = BLANK_LIMITS.memoryBytes / 2;

const imageSchema = z.object({ state: z.record(z.string(), z.unknown()), runtime: z.string() });

/** Steps that can be told to fail. */
export type SimulatedStep = 'create' | 'start' | 'pause' | 'resume' | 'checkpoint' | 'restore' | 'blank' | 'specialise';

export interface SimulatedDriverOptions {
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Waits this many milliseconds of the simulation's time. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly machine: SimulatedMachine;
  /** Default: times measured on real systems. */
  readonly times?: StartTimes;
  /** False plays a machine without CRIU. Default true. */
  readonly checkpoints?: boolean;
}

/** The driver, and the strings a test pulls. */
export interface SimulatedDriver extends SandboxDriver {
  readonly machine: SimulatedMachine;
  /** The next `times` calls of this step fail. */
  failNext(step: SimulatedStep, error?: PlatformError, times?: number): void;
  /** Ends an instance from outside, as the kernel or a bug would. */
  crash(id: string, how?: { code?: number | null; signal?: string | null; outOfMemory?: boolean }): Promise<void>;
  /** Lets an instance write a line. */
  say(id: string, invocationId: string | null, text: string): void;
}

const STEP_ERRORS: Readonly<Record<SimulatedStep, () => PlatformError>> = {
  create: () => new PlatformError('start_failed', 'simulated failure of create'),
  start: () => new PlatformError('start_failed', 'simulated failure of start'),
  pause: () => new PlatformError('internal', 'simulated failure of pause'),
  resume: () => new PlatformError('internal', 'simulated failure of resume'),
  checkpoint: () => new PlatformError('checkpoint_failed', 'simulated failure of checkpoint'),
  restore: () => new PlatformError('restore_failed', 'simulated failure of restore'),
  blank: () => new PlatformError('start_failed', 'simulated failure of a blank'),
  specialise: () => new PlatformError('start_failed', 'simulated failure of specialise'),
};

/** A sandbox driver without processes, for tests of what is above it and for simulations. */
export function createSimulatedDriver(options: SimulatedDriverOptions): SimulatedDriver {
  return new Driver(options);
}

class Driver implements SimulatedDriver {
  readonly name = 'simulated';
  readonly machine: SimulatedMachine;
  private readonly failures = new Map<SimulatedStep, PlatformError[]>();
  private readonly times: StartTimes;
  private readonly checkpoints: boolean;
  /** Ids of runtimes that wait without code; they end with the driver. */
  private readonly blanks = new Map<string, BlankKind>();
  private listener: SandboxListener | undefined;

  constructor(private readonly options: SimulatedDriverOptions) {
    this.machine = options.machine;
    this.times = options.times ?? measuredStartTimes;
    this.checkpoints = options.checkpoints ?? true;
  }

  capabilities(): Promise<SandboxCapabilities> {
    const able = this.checkpoints;
    const reasons = ['Nothing is real: this driver is for tests and simulations'];
    if (!able) reasons.push('This simulated machine is told to have no checkpoints');
    return Promise.resolve({
      pause: true,
      checkpoint: able,
      restore: able,
      isolation: true,
      network: true,
      blanks: true,
      reasons,
    });
  }

  open(listener: SandboxListener): Promise<void> {
    this.listener = listener;
    this.machine.listeners.add(listener);
    return Promise.resolve();
  }

  async create(spec: SandboxSpec): Promise<void> {
    this.mayFail('create');
    if (this.machine.instances.has(spec.id)) {
      throw new PlatformError('conflict', `Instance ${spec.id} exists already`);
    }
    this.machine.add(spec, 'cold');
    return Promise.resolve();
  }

  async start(id: string): Promise<RunningSandbox> {
    const instance = this.get(id);
    if (instance.running) return describe(instance);
    await this.options.sleep(this.times('cold', instance.run.runtime, this.options.random));
    this.mayFail('start');
    await this.machine.run(this.get(id));
    return describe(instance);
  }

  async startBlank(id: string, kind: BlankKind): Promise<BlankSandbox> {
    await this.options.sleep(this.times('cold', kind.runtime, this.options.random));
    this.mayFail('blank');
    this.blanks.set(id, kind);
    return { ...kind, id, memoryBytes: BLANK_MEMORY };
  }

  async specialise(blankId: string, spec: SandboxSpec): Promise<RunningSandbox> {
    const kind = this.blanks.get(blankId);
    if (!this.blanks.delete(blankId)) throw new PlatformError('not_found', `There is no blank ${blankId} on this node`);
    this.mayFail('specialise');
    if (kind?.runtime !== spec.run.runtime || kind.network !== spec.run.network) {
      throw new PlatformError('start_failed', `A blank ${kind?.runtime} cannot become ${spec.run.function}`);
    }
    const instance = this.machine.add(spec, 'cold');
    await this.machine.run(instance);
    return describe(instance);
  }

  async pause(id: string): Promise<void> {
    this.mayFail('pause');
    this.getRunning(id).frozen = true;
    return Promise.resolve();
  }

  async resume(id: string): Promise<void> {
    const instance = this.getRunning(id);
    this.mayFail('resume');
    if (!instance.frozen) return;
    await this.options.sleep(this.times('thaw', instance.run.runtime, this.options.random));
    this.machine.thaw(this.getRunning(id));
  }

  async checkpoint(id: string, imageDir: string): Promise<CheckpointResult> {
    this.needCheckpoints();
    const instance = this.getRunning(id);
    this.mayFail('checkpoint');
    const image = JSON.stringify({ state: instance.state, runtime: instance.run.runtime });
    await mkdir(imageDir, { recursive: true });
    await writeFile(path.join(imageDir, IMAGE_FILE), image);
    await this.options.sleep(CHECKPOINT_MS);
    return { pauseMs: CHECKPOINT_MS, bytes: Buffer.byteLength(image) };
  }

  async restore(spec: SandboxSpec, imageDir: string): Promise<RunningSandbox> {
    this.needCheckpoints();
    if (this.machine.instances.has(spec.id)) {
      throw new PlatformError('conflict', `Instance ${spec.id} exists already`);
    }
    await this.options.sleep(this.times('restore', spec.run.runtime, this.options.random));
    this.mayFail('restore');
    const text = await readFile(path.join(imageDir, IMAGE_FILE), 'utf8').catch((error: unknown) => {
      throw new PlatformError('restore_failed', `There is no image in ${imageDir}`, { cause: error });
    });
    const instance = this.machine.add(spec, 'restore');
    instance.state = readImage(text);
    await this.machine.run(instance);
    return describe(instance);
  }

  async destroy(id: string): Promise<void> {
    if (this.blanks.delete(id)) return;
    await this.machine.end(id, { code: null, signal: 'SIGKILL', outOfMemory: false });
  }

  async stats(id: string): Promise<SandboxStats> {
    if (this.blanks.has(id)) return { cpuMicros: 0, memoryBytes: BLANK_MEMORY, pids: 1 };
    const { cpuMicros, run } = this.get(id);
    return Promise.resolve({ cpuMicros, memoryBytes: Math.round(run.limits.memoryBytes * MEMORY_SHARE), pids: 1 });
  }

  async recover(): Promise<FoundSandbox[]> {
    const found: FoundSandbox[] = [];
    for (const instance of [...this.machine.instances.values()]) {
      if (instance.running) found.push({ ...describe(instance), frozen: instance.frozen, run: instance.run });
      else await this.destroy(instance.id);
    }
    return found;
  }

  hostKey(runtime: string): Promise<string> {
    return Promise.resolve(`simulated/1/${runtime}`);
  }

  async close({ destroyAll }: { destroyAll: boolean }): Promise<void> {
    if (destroyAll) for (const id of [...this.machine.instances.keys()]) await this.destroy(id);
    if (this.listener) this.machine.listeners.delete(this.listener);
  }

  failNext(step: SimulatedStep, error: PlatformError = STEP_ERRORS[step](), times = 1): void {
    const planned = this.failures.get(step) ?? [];
    for (let count = 0; count < times; count++) planned.push(error);
    this.failures.set(step, planned);
  }

  async crash(
    id: string,
    how: { code?: number | null; signal?: string | null; outOfMemory?: boolean } = {},
  ): Promise<void> {
    await this.machine.end(id, { code: null, signal: 'SIGSEGV', outOfMemory: false, ...how });
  }

  say(id: string, invocationId: string | null, text: string): void {
    this.machine.log(this.get(id), invocationId, 'stdout', text);
  }

  private mayFail(step: SimulatedStep): void {
    const error = this.failures.get(step)?.shift();
    if (error) throw error;
  }

  private needCheckpoints(): void {
    if (!this.checkpoints) throw new PlatformError('unsupported', 'This simulated machine has no checkpoints');
  }

  private get(id: string): SimulatedInstance {
    const instance = this.machine.instances.get(id);
    if (!instance) throw new PlatformError('not_found', `There is no instance ${id} on this node`);
    return instance;
  }

  private getRunning(id: string): SimulatedInstance {
    const instance = this.get(id);
    if (!instance.running) throw new PlatformError('not_found', `Instance ${id} does not run`);
    return instance;
  }
}

function describe({ id, pid, endpoints }: SimulatedInstance): RunningSandbox {
  return { id, pid, endpoints };
}

function readImage(text: string): Record<string, unknown> {
  try {
    return imageSchema.parse(JSON.parse(text)).state;
  } catch (error) {
    throw new PlatformError('restore_failed', 'The image is damaged', { cause: error });
  }
}
