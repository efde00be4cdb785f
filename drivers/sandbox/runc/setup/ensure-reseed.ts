import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import { assetPath } from '../../../asset-path';
import { ensurePackages, findProgram, type SetupLog } from './ensure-packages';
import { publishFolder } from './publish-folder';
import { runTool } from './run-tool';

const SOURCE = 'drivers/sandbox/runtimes/nodejs/reseed.c';

/**
 * Path of `reseed.node`, the small addon that gives OpenSSL of a restored Node.js process fresh entropy; compiled
 * once and kept as `<cacheDir>/reseed/<source>/reseed.node`. @throws PlatformError unsupported without a compiler
 */
export async function ensureReseed(cacheDir: string, log: SetupLog): Promise<string> {
  const source = assetPath(SOURCE);
  const key = createHash('sha256')
    .update(await readFile(source))
    .update(process.arch)
    .digest('hex')
    .slice(0, 12);
  const target = path.join(cacheDir, 'reseed', key);
  const file = path.join(target, 'reseed.node');
  if (existsSync(file)) return file;
  if (!findProgram('gcc')) await ensurePackages(['gcc', 'libc6-dev'], log);
  log('compiling the re-seed addon');
  await publishFolder(target, async (folder) => {
    await chmod(folder, 0o755);
    await runTool('gcc', ['-O2', '-fPIC', '-shared', '-s', '-o', path.join(folder, 'reseed.node'), source]);
  });
  return file;
}
