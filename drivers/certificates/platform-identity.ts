import { existsSync } from 'node:fs';
import path from 'node:path';

/** Files in PEM by which gateways and control workers show themselves to agents of the platform's own authority. */
export interface PlatformIdentity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export function authorityFolder(dataDir: string): string {
  return path.join(dataDir, 'secrets', 'authority');
}

/** Undefined as long as there is no authority: no node has been invited yet. */
export function platformIdentity(dataDir: string): PlatformIdentity | undefined {
  const folder = authorityFolder(dataDir);
  if (!existsSync(folder)) return undefined;
  const file = (name: string): string => path.join(folder, name);
  return { ca: file('ca.crt'), cert: file('platform.crt'), key: file('platform.key') };
}
