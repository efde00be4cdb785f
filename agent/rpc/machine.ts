import { readFileSync, readlinkSync } from 'node:fs';

let known: string | undefined;

/**
 * Where this process runs, so that a gateway and an agent can tell whether they share the files in which Unix sockets lie: the
 * running kernel, the mounts that are seen, and the user. Equal for two processes: what one opens, the other can. Empty where
 * the system does not say (Linux does).
 */
export function thisMachine(): string {
  return (known ??= describe());
}

function describe(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/mnt')} ${process.getuid?.() ?? ''}`;
  } catch {
    return '';
  }
}
