import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import type { ManifestInput } from '../../core/function/manifest';
import { assetPath } from '../../drivers/asset-path';

const run = promisify(execFile);

/** Deploys a folder under another name and with changes to its spec, by the CLI as users do. */
export async function deployVariant(
  platform: { url: string; apiKey: string },
  folder: string,
  name: string,
  spec: Partial<ManifestInput['spec']>,
): Promise<void> {
  const source = assetPath(folder);
  if (existsSync(path.join(source, 'prepare.js')))
    await run(process.execPath, [path.join(source, 'prepare.js')], { cwd: source });
  const copy = mkdtempSync(path.join(tmpdir(), 'presage-variant-'));
  try {
    cpSync(source, copy, { recursive: true });
    const file = path.join(copy, 'function.yaml');
    const manifest = parse(readFileSync(file, 'utf8')) as ManifestInput;
    const changed = { ...manifest, metadata: { ...manifest.metadata, name }, spec: { ...manifest.spec, ...spec } };
    writeFileSync(file, stringify(changed));
    await run(process.execPath, [assetPath('bin/presage.js'), 'deploy', copy], {
      env: { ...process.env, PRESAGE_URL: platform.url, PRESAGE_API_KEY: platform.apiKey },
    });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
