import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import { assetPath } from '../../../asset-path';
import { ensurePackages, findProgram, type SetupLog } from './ensure-packages';
import { publishFolder } from './publish-folder';
import { runTool } from './run-tool';

export interface Compilation {
  /** Of the folder in the cache. */
  readonly name: string;
  /** C file, relative to the project. */
  readonly source: string;
  readonly output: string;
  readonly flags: readonly string[];
}

/**
 * Path of what a small C file of ours compiles to; made once and kept as `<cacheDir>/<name>/<source>/<output>`.
 * @throws PlatformError unsupported without a compiler
 */
export async function compileOnce(
  cacheDir: string,
  { name, source, output, flags }: Compilation,
  log: SetupLog,
): Promise<string> {
  const file = assetPath(source);
  const key = createHash('sha256')
    .update(await readFile(file))
    .update(process.arch)
    .digest('hex')
    .slice(0, 12);
  const target = path.join(cacheDir, name, key);
  const result = path.join(target, output);
  if (existsSync(result)) return result;
  if (!findProgram('gcc')) await ensurePackages(['gcc', 'libc6-dev'], log);
  log(`compiling ${path.basename(source)}`);
  await publishFolder(target, async (folder) => {
    await chmod(folder, 0o755);
    await runTool('gcc', ['-O2', '-s', ...flags, '-o', path.join(folder, output), file]);
  });
  return result;
}
