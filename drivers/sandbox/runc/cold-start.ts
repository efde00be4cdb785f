import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import type { SandboxSpec } from '../sandbox';
import type { Network } from './network/network-pool';
import { makeMountPoints } from './mount-points';
import { baseOf, folderOf, hideFolders, type Instance, networkKindOf, newInstance, showFolders } from './instance';
import { ociConfig, processArguments } from './oci-config';
import { ERRORS, INPUT, OUTPUT, type ParkedShell, quoted } from './parked-shell';
import { type SandboxProcess, startTimeOf } from './process-table';
import type { SandboxHost } from './sandbox-host';
import type { Slot } from './slot-pool';
import { giveBack } from './teardown';

/** An instance that is ready to be started. */
export interface PreparedInstance {
  readonly instance: Instance;
  readonly shell: ParkedShell;
}

/** Folder, network and `config.json`: everything but the program. @throws PlatformError start_failed */
export async function prepareColdStart(host: SandboxHost, spec: SandboxSpec): Promise<PreparedInstance> {
  const { run, id, codeDir, workingDir } = spec;
  if (processArguments(run).length === 0) {
    throw new PlatformError('start_failed', `Function ${run.function} names no command to run`);
  }
  const folder = folderOf(host, id);
  const base = baseOf(host, run);
  if (base === null) await makeMountPoints(codeDir);
  const places = await showFolders(host, folder, base, codeDir);
  let slot: Slot | undefined;
  let network: Network | undefined;
  try {
    slot = await host.slots.take('cold');
    network = await host.networks.acquire(networkKindOf(run));
    await rename(slot.folder, folder);
    const { cgroup, shell } = slot;
    const config = ociConfig(id, run, {
      ...places,
      network: network.file,
      cgroup: host.tree.runcPath(cgroup.name),
      workingDir,
      gatewayUrl: host.gatewayUrl,
    });
    await writeBundle(folder, config);
    return { instance: newInstance(spec, { base, folder, cgroup, network }), shell };
  } catch (error) {
    await giveBack(host, slot, folder, network);
    hideFolders(host, base, codeDir);
    throw error;
  }
}

/** The configuration holds secrets: root only, and gone as soon as runc has read it. */
export async function writeBundle(folder: string, config: object): Promise<void> {
  await mkdir(path.join(folder, 'bundle'), { mode: 0o700 });
  await writeFile(path.join(folder, 'bundle', 'config.json'), JSON.stringify(config), { mode: 0o600 });
}

/** Runs the program. @throws PlatformError start_failed with runc's own sentence */
export async function coldStart(host: SandboxHost, { instance, shell }: PreparedInstance): Promise<void> {
  const { id, folder, run } = instance;
  instance.process = await runBundle(host, { id, folder, name: run.function }, shell);
}

/**
 * Gives `<folder>/bundle` to runc, whose program becomes what it describes.
 * @param name what runs, for messages. @throws PlatformError start_failed with runc's own sentence
 */
export async function runBundle(
  host: SandboxHost,
  { id, folder, name }: { readonly id: string; readonly folder: string; readonly name: string },
  shell: ParkedShell,
): Promise<SandboxProcess> {
  const log = path.join(folder, 'runc.log');
  const pidFile = path.join(folder, 'pid');
  const bundle = path.join(folder, 'bundle');
  const words = [
    host.toolbox.runc,
    ...['--root', host.runcRoot, '--log', log, '--log-format', 'json'],
    ...['run', '--detach', '--pid-file', pidFile, '--bundle', bundle, id],
  ];
  const streams = `<&${INPUT} >&${OUTPUT} 2>&${ERRORS} ${INPUT}<&- ${OUTPUT}>&- ${ERRORS}>&-`;
  const exit = await shell.become(`exec ${words.map(quoted).join(' ')} ${streams}`);
  // runc is only needed to start: what it would remember of the instance is ours to know
  await Promise.all([
    rm(bundle, { recursive: true, force: true }),
    rm(path.join(host.runcRoot, id), { recursive: true, force: true }),
  ]);
  if (exit.code !== 0) {
    throw new PlatformError('start_failed', `The sandbox of ${name} did not start: ${complaint(log)}`);
  }
  const pid = Number(await readFile(pidFile, 'utf8'));
  const startTime = startTimeOf(pid);
  if (startTime === undefined) {
    throw new PlatformError('start_failed', `The program of ${name} ended as soon as it was started`);
  }
  return { pid, startTime };
}

/** The last thing runc said. */
function complaint(log: string): string {
  try {
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const messages = lines.map((line) => (JSON.parse(line) as { msg?: string }).msg ?? '');
    return messages[messages.length - 1] ?? 'runc did not say why';
  } catch {
    return 'runc did not say why';
  }
}
