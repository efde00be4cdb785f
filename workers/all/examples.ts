import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { assetPath } from '../../drivers/asset-path';
import type { ClientFile } from '../migrate';
import { runCommand } from './process/run-command';

const rememberedSchema = z.object({ deployed: z.array(z.string()) });
const DEPLOY_TIMEOUT_MS = 300_000;

/** The functions to try: folders of examples/ with a manifest. */
export function exampleFolders(root = assetPath('examples')): readonly string[] {
  if (!existsSync(root)) return [];
  return (readdirSync(root, { recursive: true }) as string[])
    .filter((file) => path.basename(file) === 'function.yaml' && !file.includes('node_modules'))
    .map((file) => path.join(root, path.dirname(file)))
    .sort();
}

/** Names (paths below examples/) of what has been deployed from this data folder, so that a deleted example stays deleted. */
export class DeployedExamples {
  private readonly file: string;

  constructor(dataDir: string) {
    this.file = path.join(dataDir, 'examples.json');
  }

  has(folder: string): boolean {
    return this.names().includes(nameOf(folder));
  }

  add(folder: string): void {
    writeFileSync(this.file, JSON.stringify({ deployed: [...new Set([...this.names(), nameOf(folder)])] }));
  }

  private names(): readonly string[] {
    try {
      return rememberedSchema.parse(JSON.parse(readFileSync(this.file, 'utf8'))).deployed;
    } catch {
      return [];
    }
  }
}

/** With the command line tool, the way a person would; a `prepare.js` in the folder first brings in what it needs. @throws PlatformError with what it said */
export async function deployExample(folder: string, { url, apiKey }: ClientFile): Promise<void> {
  const prepare = path.join(folder, 'prepare.js');
  if (existsSync(prepare)) await runCommand(process.execPath, [prepare], { timeoutMs: DEPLOY_TIMEOUT_MS });
  const tool = assetPath('bin/presage.js');
  await runCommand(process.execPath, [tool, '--quiet', 'deploy', folder], {
    env: { ...process.env, PRESAGE_URL: url, PRESAGE_API_KEY: apiKey, NO_COLOR: '1' },
    timeoutMs: DEPLOY_TIMEOUT_MS,
  });
}

/** The path below examples/. */
export function nameOf(folder: string): string {
  return path.relative(assetPath('examples'), folder) || path.basename(folder);
}

/** The name that its manifest gives; that of the folder where the manifest cannot be read. */
export function functionNameOf(folder: string): string {
  const manifest = z.object({ metadata: z.object({ name: z.string() }) });
  try {
    return manifest.parse(parse(readFileSync(path.join(folder, 'function.yaml'), 'utf8'))).metadata.name;
  } catch {
    return path.basename(folder);
  }
}
