import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { setPriority } from 'node:os';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import type { CheckpointResult } from '../sandbox';
import { criuComplaint, dumpArguments, frozenTime } from './criu-command';
import { imageBytes, TMP_ARCHIVE, writeImageDescription } from './image-description';
import { hideFolders, type Instance, showFolders } from './instance';
import { descriptorOf, isAlive, signal } from './process-table';
import type { SandboxHost } from './sandbox-host';
import { runTool } from './setup/run-tool';

const DUMP_PRIORITY = -10;
const STANDARD = { output: 1, errors: 2 } as const;

/** Writes an instance's image; it runs on. @throws PlatformError checkpoint_failed, storage_full, unsupported */
export async function checkpointInstance(
  host: SandboxHost,
  instance: Instance,
  imageDir: string,
): Promise<CheckpointResult> {
  const { criu } = host.toolbox;
  if (criu === null) {
    throw new PlatformError('unsupported', `Nothing can be checkpointed here: ${host.toolbox.reasons.join(' ')}`);
  }
  const { process: first, cgroup, folder, run } = instance;
  if (!first || !isAlive(first.pid, first.startTime)) {
    throw new PlatformError('checkpoint_failed', `Instance ${instance.id} does not run`);
  }
  if (instance.mapped) {
    throw new PlatformError(
      'checkpoint_failed',
      `Instance ${instance.id} was restored with mapped pages and cannot be dumped; checkpoint one that was started cold`,
    );
  }
  if (cgroup.isFrozen())
    throw new PlatformError('checkpoint_failed', `Instance ${instance.id} is frozen; thaw it first`);
  if (existsSync(imageDir) && readdirSync(imageDir).length > 0) {
    throw new PlatformError('checkpoint_failed', `The image folder ${path.basename(imageDir)} is not empty`);
  }
  await mkdir(imageDir, { recursive: true });
  // clones open the image from inside their user namespace; the folder above keeps everybody else out
  await chmod(imageDir, 0o711);
  const places = await showFolders(host, folder, instance.base, instance.codeDir);
  try {
    const pipes = { output: pipeOf(first.pid, STANDARD.output), errors: pipeOf(first.pid, STANDARD.errors) };
    const tmp = readdirSync(places.tmp).length > 0;
    const began = performance.now();
    await dump(criu, folder, {
      pid: first.pid,
      imageDir,
      workDir: folder,
      mounts: places.mounts,
      leaveStopped: tmp,
    });
    let pauseMs = frozenTime(folder) ?? performance.now() - began;
    if (tmp) {
      // memory and files have to be of the same moment
      const copying = performance.now();
      await packTmp(places.tmp, imageDir, cgroup.processes());
      pauseMs += performance.now() - copying;
    }
    await writeImageDescription(imageDir, { version: 1, ...pipes, tmp });
    await Promise.all(readdirSync(imageDir).map((name) => chmod(path.join(imageDir, name), 0o644)));
    return { pauseMs, bytes: await imageBytes(imageDir) };
  } catch (error) {
    await rm(imageDir, { recursive: true, force: true });
    if (/No space left|ENOSPC/.test(String(error))) {
      throw new PlatformError('storage_full', `There is no room for the checkpoint of ${run.function}`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    hideFolders(host, instance.base, instance.codeDir);
  }
}

async function packTmp(tmp: string, imageDir: string, pids: readonly number[]): Promise<void> {
  try {
    await runTool('tar', ['--numeric-owner', '-cf', path.join(imageDir, TMP_ARCHIVE), '-C', tmp, '.']);
  } finally {
    for (const pid of pids) signal(pid, 'SIGCONT');
  }
}

function dump(criu: string, folder: string, options: Parameters<typeof dumpArguments>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(criu, dumpArguments(options), { cwd: '/', stdio: 'ignore', env: {} });
    if (child.pid !== undefined) setPriority(child.pid, DUMP_PRIORITY);
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) return resolve();
      const why = criuComplaint(path.join(folder, 'dump.log'));
      reject(
        new PlatformError('checkpoint_failed', `The instance could not be checkpointed: ${why}`, {
          hint: 'Close connections and files outside /tmp in the beforeCheckpoint hook.',
        }),
      );
    });
  });
}

function pipeOf(pid: number, descriptor: number): string | null {
  const target = descriptorOf(pid, descriptor);
  return target?.startsWith('pipe:') ? target : null;
}
