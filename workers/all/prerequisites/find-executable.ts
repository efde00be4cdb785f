import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** System administration tools are often left out of an ordinary PATH. */
const ALSO = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/go/bin'];

/** Absolute path of a command, or null. */
export function findExecutable(name: string, searchPath = process.env['PATH'] ?? ''): string | null {
  for (const folder of [...searchPath.split(path.delimiter).filter(Boolean), ...ALSO]) {
    const file = path.join(folder, name);
    if (isExecutable(file)) return file;
  }
  return null;
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
