import { readFileSync } from 'node:fs';

const FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/**
 * The host's name server, for functions to use through the packet filter. One that listens on the loopback only
 * cannot be reached from an instance, so what stands behind it is looked for. Null when there is none.
 */
export function hostResolver(read: (file: string) => string = (file) => readFileSync(file, 'utf8')): string | null {
  for (const file of FILES) {
    let text: string;
    try {
      text = read(file);
    } catch {
      continue;
    }
    const servers = [...text.matchAll(/^\s*nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map((match) => match[1] ?? '');
    const usable = servers.find((server) => !server.startsWith('127.') && !server.startsWith('0.'));
    if (usable) return usable;
  }
  return null;
}
