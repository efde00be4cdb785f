import { compileOnce } from './compile-once';
import type { SetupLog } from './ensure-packages';
import { runTool } from './run-tool';

/**
 * Path of `graft`, the program that shows a folder in a sandbox that runs already.
 * @throws PlatformError unsupported without a compiler; internal on a kernel older than 5.12, which cannot do it
 */
export async function ensureGraft(cacheDir: string, log: SetupLog): Promise<string> {
  const source = 'drivers/sandbox/runc/graft/graft.c';
  const graft = await compileOnce(cacheDir, { name: 'graft', source, output: 'graft', flags: [] }, log);
  await runTool(graft, ['/']);
  return graft;
}
