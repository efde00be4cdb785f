import { findExecutable } from './find-executable';

/** Whether system packages can be installed at all: a Debian-like system, and we are root. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && findExecutable('apt-get') !== null;
}
