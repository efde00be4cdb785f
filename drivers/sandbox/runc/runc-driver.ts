import path from 'node:path';
import { PlatformError, toPlatformError } from '../../../core/error/platform-error';
import type { RunSpec } from '../../../core/function/run-spec';
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
import type { BlankKind, BlankSandbox } from '../blank';
import { removeWithMounts } from './bind-mounts';
import { Blanks } from './blanks';
import { checkpointInstance } from './checkpoint';
import { coldStart, prepareColdStart } from './cold-start';
import { ExitWatch } from './exit-watch';
import { hideFolders, type Instance, networkKindOf, runningSandbox } from './instance';
import { writeInstanceState } from './instance-state-file';
import type { ParkedShell } from './parked-shell';
import { isAlive } from './process-table';
import { recoverInstances } from './recover';
import { prepareRestore } from './restore';
import { openSandboxHost, releaseHost, type RuncDriverOptions, type SandboxHost } from './sandbox-host';
import { selfTest } from './self-test';
import { standStill } from './stand-still';
import { killInstance, removeRemains } from './teardown';
import { hostKeyOf } from './toolbox';

export type { RuncDriverOptions } from './sandbox-host';

const SILENT: SandboxListener = { exited: () => undefined, logged: () => undefined };

/** The driver for Linux with root: runc starts, CRIU restores, control groups hold. */
export function createRuncDriver(options: RuncDriverOptions): SandboxDriver {
  return new RuncDriver(options);
}

class RuncDriver implements SandboxDriver {
  readonly name = 'runc';
  private opening: Promise<SandboxHost> | undefined;
  private verdict: Promise<SandboxCapabilities> | undefined;
  private listener = SILENT;
  private readonly instances = new Map<string, Instance>();
  /** Created and not yet started. */
  private readonly waiting = new Map<string, ParkedShell>();
  private readonly ending = new Map<string, Promise<void>>();
  private readonly blanks = new Blanks();
  private readonly watch: ExitWatch;

  constructor(private readonly options: RuncDriverOptions) {
    this.watch = new ExitWatch(this.instances, {
      exited: (id, how) => this.listener.exited(id, how),
      logged: (line) => this.listener.logged(line),
    });
  }

  capabilities(): Promise<SandboxCapabilities> {
    this.verdict ??= this.findCapabilities();
    return this.verdict;
  }

  async open(listener: SandboxListener): Promise<void> {
    this.listener = listener;
    const host = await this.host();
    this.watch.open();
    host.slots.refill();
    host.networks.prepare('egress');
  }

  async create(spec: SandboxSpec): Promise<void> {
    const host = await this.host();
    this.refuseTaken(spec.id);
    const { instance, shell } = await prepareColdStart(host, spec);
    this.instances.set(spec.id, instance);
    this.waiting.set(spec.id, shell);
  }

  async start(id: string): Promise<RunningSandbox> {
    const host = await this.host();
    const instance = this.find(id);
    const shell = this.waiting.get(id);
    if (!shell) {
      if (instance.process && isAlive(instance.process.pid, instance.process.startTime)) {
        return runningSandbox(instance, instance.process.pid);
      }
      throw new PlatformError('start_failed', `Instance ${id} has ended; make a new one`);
    }
    this.waiting.delete(id);
    host.slots.startBegins();
    try {
      return await this.begin(host, instance, () => coldStart(host, { instance, shell }), this.attachNow);
    } finally {
      host.slots.startEnds();
      host.networks.prepare(networkKindOf(instance.run));
    }
  }

  async startBlank(id: string, kind: BlankKind): Promise<BlankSandbox> {
    const host = await this.host();
    this.refuseTaken(id);
    return this.blanks.start(host, id, kind).finally(() => host.slots.refill());
  }

  async specialise(blankId: string, spec: SandboxSpec): Promise<RunningSandbox> {
    const host = await this.host();
    this.refuseTaken(spec.id);
    host.slots.startBegins();
    try {
      const prepared = this.blanks.become(host, blankId, spec);
      this.instances.set(spec.id, prepared.instance);
      return await this.begin(host, prepared.instance, () => prepared.run(), this.attachNow);
    } finally {
      host.slots.startEnds();
      host.networks.prepare(networkKindOf(spec.run));
    }
  }

  async pause(id: string): Promise<void> {
    await standStill(this.find(id).cgroup, id);
  }

  async resume(id: string): Promise<void> {
    await Promise.resolve(this.find(id).cgroup.thaw());
  }

  async checkpoint(id: string, imageDir: string): Promise<CheckpointResult> {
    return checkpointInstance(await this.host(), this.find(id), imageDir);
  }

  async restore(spec: SandboxSpec, imageDir: string): Promise<RunningSandbox> {
    const host = await this.host();
    this.refuseTaken(spec.id);
    host.slots.startBegins();
    try {
      const prepared = await prepareRestore(host, spec, imageDir);
      this.instances.set(spec.id, prepared.instance);
      return await this.begin(host, prepared.instance, () => prepared.run(), this.attachSoon);
    } finally {
      host.slots.startEnds();
      host.networks.prepare(networkKindOf(spec.run));
    }
  }

  async destroy(id: string): Promise<void> {
    const instance = this.instances.get(id);
    if (!instance) return this.blanks.has(id) ? this.blanks.end(await this.host(), id) : undefined;
    // whoever asks while it is being destroyed waits for the same end
    const known = this.ending.get(id);
    if (known) return known;
    const ending = this.end(instance).finally(() => this.ending.delete(id));
    this.ending.set(id, ending);
    return ending;
  }

  async stats(id: string): Promise<SandboxStats> {
    return Promise.resolve(this.blanks.stats(id) ?? this.find(id).cgroup.stats());
  }

  async recover(): Promise<FoundSandbox[]> {
    const host = await this.host();
    const found = await recoverInstances(host, this.instances, this.blanks.networks);
    return found.flatMap((instance) => {
      if (!instance.process) return [];
      this.instances.set(instance.id, instance);
      this.watch.attach(instance);
      const frozen = instance.cgroup.isFrozen();
      return [{ ...runningSandbox(instance, instance.process.pid), frozen, run: instance.run }];
    });
  }

  async hostKey(runtime: RunSpec['runtime']): Promise<string> {
    return hostKeyOf((await this.host()).toolbox, runtime);
  }

  async close({ destroyAll }: { destroyAll: boolean }): Promise<void> {
    this.watch.close();
    if (!this.opening) return;
    const host = await this.opening.catch(() => undefined);
    if (!host) return;
    await this.blanks.endAll(host);
    await host.slots.close();
    const ending = destroyAll ? [...this.instances.keys()] : [...this.waiting.keys()];
    await Promise.all(ending.map((id) => this.destroy(id)));
    for (const instance of this.instances.values()) this.watch.detach(instance);
    await host.networks.close(destroyAll);
    if (!destroyAll) return;
    host.mounts.releaseAll();
    await host.mounts.sweep();
    await host.tree.remove().catch((error: unknown) => this.options.log.warn({ err: error }, 'a control group stays'));
    await releaseHost(this.options);
    for (const name of ['i', 's', 'm', 'runc']) {
      const folder = path.join(this.options.runDir, name);
      await removeWithMounts(folder).catch((error: unknown) => this.options.log.warn({ err: error }, 'a folder stays'));
    }
    this.opening = undefined;
  }

  private host(): Promise<SandboxHost> {
    this.opening ??= openSandboxHost(this.options);
    return this.opening;
  }

  /** Runs the start, then makes the instance known; a failed one leaves nothing. `attach` begins to read its output. */
  private async begin(
    host: SandboxHost,
    instance: Instance,
    start: () => Promise<void>,
    attach: (instance: Instance) => void,
  ): Promise<RunningSandbox> {
    try {
      await start();
      const first = instance.process;
      if (!first) throw new PlatformError('start_failed', `Instance ${instance.id} has no process`);
      attach(instance);
      // not waited for: an instance whose agent dies within this millisecond is cleared away by the next one
      instance.recorded = this.record(instance, first);
      host.slots.forget(instance.cgroup.name);
      return runningSandbox(instance, first.pid);
    } catch (error) {
      await this.destroy(instance.id);
      throw toPlatformError(error);
    }
  }

  /** One that ends at once has its last lines read. */
  private readonly attachNow = (instance: Instance): void => this.watch.attach(instance);

  /** A request waits for a clone, not for its log: what that says meanwhile lies in its pipes. */
  private readonly attachSoon = (instance: Instance): void => {
    setImmediate(() => {
      if (this.instances.get(instance.id) === instance && !this.ending.has(instance.id)) this.watch.attach(instance);
    });
  };

  private record(instance: Instance, first: { pid: number; startTime: number }): Promise<void> {
    const { id, run, codeDir, base, mapped, folder } = instance;
    const names = { cgroup: instance.cgroup.name, network: instance.network.name };
    return writeInstanceState(folder, { id, run, codeDir, base, mapped, ...names, ...first }).catch((error: unknown) =>
      this.options.log.warn({ err: error, instance: id }, 'a restarted agent will not find this instance'),
    );
  }

  private async end(instance: Instance): Promise<void> {
    const host = await this.host();
    const shell = this.waiting.get(instance.id);
    this.waiting.delete(instance.id);
    await shell?.end();
    await killInstance(instance);
    this.watch.check(instance);
    this.watch.detach(instance);
    await instance.recorded;
    await removeRemains(host, instance);
    this.instances.delete(instance.id);
    hideFolders(host, instance.base, instance.codeDir);
    host.slots.refill();
  }

  private find(id: string): Instance {
    const instance = this.instances.get(id);
    if (!instance) throw new PlatformError('not_found', `There is no instance ${id} on this node`);
    return instance;
  }

  private refuseTaken(id: string): void {
    if (this.instances.has(id) || this.blanks.has(id))
      throw new PlatformError('conflict', `Instance ${id} is there already`);
  }

  private async findCapabilities(): Promise<SandboxCapabilities> {
    const nothing = {
      pause: false,
      checkpoint: false,
      restore: false,
      isolation: false,
      network: false,
      blanks: false,
    };
    try {
      const host = await this.host();
      const key = hostKeyOf(host.toolbox, 'http');
      const verdict = await selfTest(this, this.options.runDir, key);
      const reasons = [...host.toolbox.reasons, ...verdict.reasons];
      if (host.networkFailure !== null) reasons.push(host.networkFailure);
      return { ...verdict, network: host.networkFailure === null, blanks: host.toolbox.graft !== null, reasons };
    } catch (error) {
      const { message, hint } = toPlatformError(error);
      return { ...nothing, reasons: [hint === undefined ? message : `${message}. ${hint}`] };
    }
  }
}
