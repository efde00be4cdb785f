import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Absolute path of a file that is shipped beside the code but not compiled (a .proto, a runtime shim, a patch),
 * given relative to the project's root. Works from the sources and from the build alike.
 */
export function assetPath(relative: string): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder))
    folder = path.dirname(folder);
  return path.join(folder, relative);
}
