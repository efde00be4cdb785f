import { readFileSync, writeFileSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A control group file as text; empty when it is not there. */
export function readGroupFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Writes one value; the kernel wants it in one write. */
export function writeGroupFile(file: string, value: string | number): void {
  writeFileSync(file, String(value));
}

/** The number behind `key` in a file of `key value` lines; 0 when it is not there. */
export function keyedNumber(text: string, key: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  return line ? Number(line.slice(key.length + 1)) : 0;
}

/** The most that was ever held, by the file that says so; nothing where the kernel has none. */
export function peakIn(text: string): { readonly peakBytes?: number } {
  const peakBytes = Number(text);
  return text !== '' && Number.isFinite(peakBytes) ? { peakBytes } : {};
}

export function processIds(text: string): number[] {
  return text.split('\n').filter(Boolean).map(Number);
}

/** Removes an empty group; the kernel may hold a dead process in it for a moment longer. */
export async function removeGroupFolder(folder: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await rmdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || attempt >= 50) throw error;
      await delay(Math.min(2 * (attempt + 1), 40));
    }
  }
}
