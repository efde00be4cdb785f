import { createHash } from 'node:crypto';
import { copyFile, cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureRuntimeFiles } from '../../runtime-files';
import type { SetupLog } from './ensure-packages';
import { ensureReseed } from './ensure-reseed';
import { publishFolder } from './publish-folder';
import { runTool } from './run-tool';

/**
 * Folder with the runtime shims and the re-seed addon as sandboxes see it, kept as
 * `<cacheDir>/sandbox-runtimes/<content>`: a copy, because a checkpoint needs the very same files again when the
 * sources have moved on. `python` compiles the Python shim ahead; null where there is none.
 */
export async function ensureRuntimes(cacheDir: string, python: string | null, log: SetupLog): Promise<string> {
  const [files, reseed] = await Promise.all([ensureRuntimeFiles(cacheDir, python), ensureReseed(cacheDir, log)]);
  const hash = createHash('sha256')
    .update(path.basename(files))
    .update(await readFile(reseed));
  return publishFolder(path.join(cacheDir, 'sandbox-runtimes', hash.digest('hex').slice(0, 12)), async (folder) => {
    await cp(files, folder, { recursive: true, preserveTimestamps: true });
    await copyFile(reseed, path.join(folder, 'nodejs', 'reseed.node'));
    await runTool('chmod', ['-R', 'a+rX,go-w', folder]);
  });
}
