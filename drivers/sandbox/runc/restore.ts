import { renameSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import type { SandboxSpec } from '../sandbox';
import { criuComplaint, RESTORE_LOG, restoreWords } from './criu-command';
import { readImageDescription, TMP_ARCHIVE } from './image-description';
import { baseOf, folderOf, hideFolders, type Instance, networkKindOf, newInstance, showFolders } from './instance';
import type { Network } from './network/network-pool';
import { startTimeOf } from './process-table';
import type { SandboxHost } from './sandbox-host';
import type { Slot } from './slot-pool';
import { giveBack } from './teardown';

/** A restore that has everything it needs; on failure the instance is to be torn down. */
export interface PreparedRestore {
  readonly instance: Instance;
  run(): Promise<void>;
}

/**
 * Takes a slot and a network for a clone. Little happens between here and CRIU's start, as this is the path of a
 * waiting request. @throws PlatformError restore_failed, unsupported
 */
export async function prepareRestore(host: SandboxHost, spec: SandboxSpec, imageDir: string): Promise<PreparedRestore> {
  const { criu } = host.toolbox;
  if (criu === null) {
    throw new PlatformError('unsupported', `Nothing can be restored here: ${host.toolbox.reasons.join(' ')}`);
  }
  const { run, id, codeDir } = spec;
  const image = readImageDescription(imageDir);
  const folder = folderOf(host, id);
  const base = baseOf(host, run);
  const places = await showFolders(host, folder, base, codeDir);
  let taken: Slot | undefined;
  let network: Network | undefined;
  try {
    const slot = (taken = await host.slots.take('restore'));
    network = await host.networks.acquire(networkKindOf(run));
    slot.cgroup.limitForRestore(run.limits);
    // At once: on the thread pool it would wait behind the clearing away of others.
    renameSync(slot.folder, folder);
    const instance = newInstance(spec, { base, folder, cgroup: slot.cgroup, network });
    instance.mapped = run.checkpoint.mapPages;
    const words = restoreWords(
      {
        criu,
        imageDir,
        workDir: folder,
        root: places.root,
        mounts: places.mounts,
        network: network.file,
        pipes: { output: image.output, errors: image.errors },
        mapPages: run.checkpoint.mapPages,
      },
      image.tmp ? { archive: path.join(imageDir, TMP_ARCHIVE), tmp: places.tmp } : null,
    );
    return {
      instance,
      async run() {
        const pid = await slot.shell.restore(words);
        if (pid === null) {
          const why = criuComplaint(path.join(folder, RESTORE_LOG));
          throw new PlatformError('restore_failed', `The checkpoint of ${run.function} could not be restored: ${why}`);
        }
        const startTime = startTimeOf(pid);
        if (startTime === undefined) {
          throw new PlatformError('restore_failed', `A clone of ${run.function} ended as soon as it was restored`);
        }
        slot.cgroup.limit(run.limits);
        instance.process = { pid, startTime };
      },
    };
  } catch (error) {
    await giveBack(host, taken, folder, network);
    hideFolders(host, base, codeDir);
    throw error;
  }
}
