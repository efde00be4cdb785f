import { compileOnce } from './compile-once';
import type { SetupLog } from './ensure-packages';

/**
 * Path of `reseed.node`, the small addon that gives OpenSSL of a restored Node.js process fresh entropy.
 * @throws PlatformError unsupported without a compiler
 */
export function ensureReseed(cacheDir: string, log: SetupLog): Promise<string> {
  const source = 'drivers/sandbox/runtimes/nodejs/reseed.c';
  const flags = ['-fPIC', '-shared'];
  return compileOnce(cacheDir, { name: 'reseed', source, output: 'reseed.node', flags }, log);
}
