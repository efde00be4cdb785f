import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { assetPath } from '../../drivers/asset-path';
import { dashboardFiles } from './all-dashboards';
import path from 'node:path';

/** `npm run dashboards`: writes deploy/chart/dashboards anew. A test tells when that has been forgotten. */
export function main(): void {
  const folder = assetPath('deploy/chart/dashboards');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith('.json')) rmSync(path.join(folder, name));
  const files = dashboardFiles();
  for (const [name, text] of files) writeFileSync(path.join(folder, name), text);
  process.stdout.write([...files.keys()].map((name) => `deploy/chart/dashboards/${name}\n`).join(''));
}
