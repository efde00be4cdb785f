import path from 'node:path';
import type { RunSpec } from '../../../core/function/run-spec';
import { PlatformError } from '../../../core/error/platform-error';
import type { RunningSandbox, SandboxSpec } from '../sandbox';
import type { Cgroup } from './cgroup/cgroup';
import type { LogReader } from './log-reader';
import type { Network, NetworkKind } from './network/network-pool';
import { FUNCTION_PORT, type Mount, sandboxMounts } from './oci-config';
import type { SandboxProcess } from './process-table';
import type { SandboxHost } from './sandbox-host';
import { baseKindOf } from './toolbox';

/** One sandbox of this driver, from `create` to `destroy`. */
export interface Instance {
  readonly id: string;
  readonly run: RunSpec;
  readonly codeDir: string;
  /** Folder of the base image; null when the code brings its own root. */
  readonly base: string | null;
  readonly folder: string;
  readonly cgroup: Cgroup;
  readonly network: Network;
  /** Its first process; undefined until it is started. */
  process: SandboxProcess | undefined;
  /** Its memory is mapped from an image. */
  mapped: boolean;
  readers: LogReader[];
  /** Settles when its state is on the disk, or cannot be. */
  recorded: Promise<void>;
  /** The listener has been told of its end. */
  ended: boolean;
}

/** Where root, code and bound folders of an instance are seen. */
export interface InstancePlaces {
  readonly root: string;
  readonly devices: string;
  readonly code: string | null;
  readonly runtimes: string;
  readonly tmp: string;
  readonly socket: string;
  readonly mounts: readonly Mount[];
}

/** @throws PlatformError unsupported when this machine has no interpreter for the function */
export function baseOf(host: SandboxHost, run: RunSpec): string | null {
  const kind = baseKindOf(run);
  if (kind === null) return null;
  const base = host.toolbox.bases[kind];
  if (base === null) {
    throw new PlatformError('unsupported', `This machine has no ${kind} for functions`, {
      hint: host.toolbox.reasons.join(' '),
    });
  }
  return base;
}

/** Shows the instance's folders where its user can reach them; `hideFolders` is the counterpart. */
export async function showFolders(
  host: SandboxHost,
  folder: string,
  base: string | null,
  codeDir: string,
): Promise<InstancePlaces> {
  const { mounts, toolbox } = host;
  // one after the other only the first time: later all are there
  const code = await mounts.acquire(codeDir);
  const root = base === null ? code : await mounts.acquire(base);
  const device = await mounts.acquire(toolbox.bases.node ?? codeDir);
  const runtimes = await mounts.acquire(toolbox.runtimes);
  return placesOf(folder, { root, device, runtimes, code: base === null ? null : code });
}

/** The same for a blank, which has no code yet. */
export async function showBlankFolders(host: SandboxHost, folder: string, base: string): Promise<InstancePlaces> {
  const { mounts, toolbox } = host;
  const root = await mounts.acquire(base);
  const device = await mounts.acquire(toolbox.bases.node ?? base);
  const runtimes = await mounts.acquire(toolbox.runtimes);
  return placesOf(folder, { root, device, runtimes, code: null });
}

function placesOf(
  folder: string,
  seen: Pick<InstancePlaces, 'root' | 'code' | 'runtimes'> & { readonly device: string },
): InstancePlaces {
  const { root, code, runtimes, device } = seen;
  const own = { tmp: path.join(folder, 'tmp'), socket: path.join(folder, 'fn') };
  const places = { root, devices: path.join(device, 'dev'), code, runtimes, ...own };
  return { ...places, mounts: sandboxMounts(places) };
}

/** @param codeDir null for a blank */
export function hideFolders(host: SandboxHost, base: string | null, codeDir: string | null): void {
  if (codeDir !== null) host.mounts.release(codeDir);
  if (base !== null) host.mounts.release(base);
  const device = host.toolbox.bases.node ?? codeDir ?? base;
  if (device !== null) host.mounts.release(device);
  host.mounts.release(host.toolbox.runtimes);
}

/** A server of one's own may listen on `$PORT` only, so it gets an address even when it may not call out. */
export function networkKindOf(run: Pick<RunSpec, 'network' | 'runtime'>): NetworkKind {
  if (run.network === 'egress') return 'egress';
  return run.runtime === 'http' ? 'inbound' : 'bare';
}

/** The path of the folder that an instance has until it is destroyed. */
export function folderOf(host: Pick<SandboxHost, 'instances'>, id: string): string {
  if (!/^[a-z0-9]{1,32}$/.test(id)) {
    throw new PlatformError('invalid_argument', `"${id}" is not an instance id: 1-32 of a-z and 0-9`);
  }
  return path.join(host.instances, id);
}

export function runningSandbox(
  instance: Pick<Instance, 'id' | 'folder' | 'run' | 'network'>,
  pid: number,
): RunningSandbox {
  const { address } = instance.network;
  const tcp = instance.run.runtime === 'http' && address !== null;
  return {
    id: instance.id,
    pid,
    endpoints: [
      { kind: 'unix', path: path.join(instance.folder, 'fn', 'http.sock') },
      ...(tcp ? [{ kind: 'tcp', host: address, port: FUNCTION_PORT, hereOnly: true } as const] : []),
    ],
  };
}

/** A new instance around a slot's folder, which takes its final name elsewhere. */
export function newInstance(
  spec: SandboxSpec,
  parts: Pick<Instance, 'base' | 'folder' | 'cgroup' | 'network'>,
): Instance {
  return {
    id: spec.id,
    run: spec.run,
    codeDir: spec.codeDir,
    ...parts,
    process: undefined,
    mapped: false,
    readers: [],
    recorded: Promise.resolve(),
    ended: false,
  };
}
