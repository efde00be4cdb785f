import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import { referenceFiles } from './reference-files';

/** `npm run reference`: writes docs/reference anew. A test tells when that has been forgotten. */
export async function main(): Promise<void> {
  const folder = assetPath('docs/reference');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of await referenceFiles()) {
    writeFileSync(path.join(folder, name), text);
    process.stdout.write(`docs/reference/${name}\n`);
  }
}
