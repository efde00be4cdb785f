import { homedir } from 'node:os';
import path from 'node:path';

/** Where what is built or downloaded once per machine is kept: `PRESAGE_CACHE`, else `~/.cache/presage`. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(env['PRESAGE_CACHE'] ?? path.join(homedir(), '.cache', 'presage'));
}
