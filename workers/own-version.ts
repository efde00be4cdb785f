import { readFileSync } from 'node:fs';
import { assetPath } from '../drivers/asset-path';

/** The version of this package, and the commit where `PRESAGE_COMMIT` tells it. */
export function ownVersion(env: NodeJS.ProcessEnv = process.env): { version: string; commit: string | null } {
  const { version } = JSON.parse(readFileSync(assetPath('package.json'), 'utf8')) as { version: string };
  return { version, commit: env['PRESAGE_COMMIT'] ?? null };
}
