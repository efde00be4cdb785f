import { renameSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import { type BlankKind, type BlankSandbox } from '../blank';
import type { SandboxSpec, SandboxStats } from '../sandbox';
import { removeWithMounts } from './bind-mounts';
import { awaitBlank, instructBlank } from './blank-call';
import { runBundle, writeBundle } from './cold-start';
import { ParkedGraft } from './graft/parked-graft';
import { folderOf, hideFolders, type Instance, networkKindOf, newInstance, showBlankFolders } from './instance';
import type { Network } from './network/network-pool';
import { BLANK_SOCKET, blankConfig, CODE_FOLDER, processEnvironment } from './oci-config';
import { isAlive, type SandboxProcess } from './process-table';
import type { SandboxHost } from './sandbox-host';
import type { Slot } from './slot-pool';
import { killGroup } from './teardown';

/** A runtime that waits without code. Its folder and group still count as the slot pool's. */
interface Blank {
  readonly id: string;
  readonly kind: BlankKind;
  readonly base: string;
  readonly folder: string;
  readonly cgroup: Slot['cgroup'];
  readonly network: Network;
  readonly process: SandboxProcess;
  readonly graft: ParkedGraft;
}

/** An instance that a blank is about to become. */
export interface PreparedSpecialisation {
  readonly instance: Instance;
  run(): Promise<void>;
}

/** Runtimes that were booted ahead. No file says of them what an instance's does, so that a later agent ends them. */
export class Blanks {
  private readonly blanks = new Map<string, Blank>();

  /** Networks in use. */
  get networks(): string[] {
    return [...this.blanks.values()].map(({ network }) => network.name);
  }

  has(id: string): boolean {
    return this.blanks.has(id);
  }

  stats(id: string): SandboxStats | undefined {
    return this.blanks.get(id)?.cgroup.stats();
  }

  /** Done when its shim waits to be told what to become. @throws PlatformError start_failed, unsupported */
  async start(host: SandboxHost, id: string, kind: BlankKind): Promise<BlankSandbox> {
    const { runtime } = kind;
    const base = host.toolbox.bases[runtime === 'nodejs' ? 'node' : 'python3'];
    const { graft: program } = host.toolbox;
    if (base === null || program === null) {
      throw new PlatformError('unsupported', `No ${runtime} can wait without code: ${host.toolbox.reasons.join(' ')}`);
    }
    const slot = await host.slots.take('cold');
    const { folder, cgroup } = slot;
    let network: Network | undefined;
    let graft: ParkedGraft | undefined;
    const places = await showBlankFolders(host, folder, base);
    try {
      network = await host.networks.acquire(networkKindOf(kind));
      const own = { network: network.file, cgroup: host.tree.runcPath(cgroup.name), gatewayUrl: host.gatewayUrl };
      await writeBundle(folder, blankConfig(runtime, { ...places, ...own }));
      const process = await runBundle(host, { id, folder, name: `a blank ${runtime}` }, slot.shell);
      graft = await ParkedGraft.park(program, process.pid);
      await awaitBlank(path.join(folder, 'fn', BLANK_SOCKET), () => isAlive(process.pid, process.startTime));
      this.blanks.set(id, { id, kind, base, folder, cgroup, network, process, graft });
      return { ...kind, id, memoryBytes: cgroup.stats().memoryBytes };
    } catch (error) {
      await graft?.end();
      await killGroup(cgroup);
      await host.slots.discard(slot);
      if (network) host.networks.release(network);
      hideFolders(host, base, null);
      throw error;
    }
  }

  /** It is no blank any more. @throws PlatformError not_found, start_failed; what is left of it goes away by itself then */
  become(host: SandboxHost, blankId: string, spec: SandboxSpec): PreparedSpecialisation {
    const blank = this.take(blankId);
    if (!blank) throw new PlatformError('not_found', `There is no blank ${blankId} on this node`);
    const { base, cgroup, network, process } = blank;
    const { id, run, codeDir } = spec;
    try {
      const { runtime, network: reach } = blank.kind;
      if (run.runtime !== runtime || run.network !== reach || run.codeKind !== 'layer') {
        throw new PlatformError('start_failed', `A blank ${runtime} cannot become ${run.function}`);
      }
      const folder = folderOf(host, id);
      renameSync(blank.folder, folder);
      const instance = newInstance(spec, { base, folder, cgroup, network });
      instance.process = process;
      // a checkpoint will need to see it; the instance itself does not
      host.mounts.hold(codeDir);
      host.slots.forget(cgroup.name);
      return { instance, run: () => this.specialise(host, blank, instance) };
    } catch (error) {
      void this.remove(host, blank).catch(() => undefined);
      throw error;
    }
  }

  /** Ends one; no error when there is none. */
  async end(host: SandboxHost, id: string): Promise<void> {
    const blank = this.take(id);
    if (blank) await this.remove(host, blank);
  }

  async endAll(host: SandboxHost): Promise<void> {
    await Promise.all([...this.blanks.keys()].map((id) => this.end(host, id)));
  }

  private async specialise(host: SandboxHost, { graft, process }: Blank, instance: Instance): Promise<void> {
    const { id, run, codeDir, folder, cgroup } = instance;
    try {
      if (!isAlive(process.pid, process.startTime)) {
        throw new PlatformError('start_failed', `The blank for ${run.function} has ended`);
      }
      // the limits of its life hold before any of its code runs
      cgroup.limit(run.limits);
      await graft.show(codeDir);
    } catch (error) {
      await graft.end();
      throw error;
    }
    const environment = processEnvironment(id, run, CODE_FOLDER, host.gatewayUrl);
    await instructBlank(path.join(folder, 'fn', BLANK_SOCKET), environment);
  }

  private take(id: string): Blank | undefined {
    const blank = this.blanks.get(id);
    this.blanks.delete(id);
    return blank;
  }

  private async remove(host: SandboxHost, blank: Blank): Promise<void> {
    await blank.graft.end();
    await killGroup(blank.cgroup);
    await removeWithMounts(blank.folder);
    await blank.cgroup.remove();
    host.slots.forget(blank.cgroup.name);
    host.networks.release(blank.network);
    hideFolders(host, blank.base, null);
    host.slots.refill();
  }
}
