import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import { ensureHelm } from './ensure-helm';
import { plainManifests } from './plain-manifests';

/** `npm run manifests`: writes deploy/manifests anew. A test tells when that has been forgotten. */
export async function main(): Promise<void> {
  const folder = path.join(assetPath('.'), 'deploy', 'manifests');
  const helm = await ensureHelm((line) => process.stderr.write(`${line}\n`));
  const files = await plainManifests(helm);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith('.yaml')) rmSync(path.join(folder, name));
  for (const [name, text] of files) writeFileSync(path.join(folder, name), text);
  process.stdout.write([...files.keys()].map((name) => `deploy/manifests/${name}\n`).join(''));
}
