import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { cacheDir } from '../../../workers/cache-dir';
import { ensurePythonEnvironment } from '../../harness/python-environment';

const run = promisify(execFile);

const PACKAGES = ['statsforecast==2.1.1', 'lightgbm==4.7.0'];
/** Imports all that the scripts import and names what may change a forecast. */
const VERSIONS = `
import importlib.metadata, json, platform, lightgbm, numpy, statsforecast.models
names = ["statsforecast", "lightgbm", "coreforecast", "numpy", "pandas", "scipy"]
print(json.dumps({"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in names}}))
`;
const versionsSchema = z.record(z.string(), z.string());

/** Python with the packages of the anchors. */
export interface AnchorEnvironment {
  readonly python: string;
  /** Of Python and of each package. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * The environment of the anchors, made in the cache folder where it is not there yet.
 * @throws PlatformError unavailable when it cannot be made
 */
export async function ensureAnchorEnvironment(log: (text: string) => void): Promise<AnchorEnvironment> {
  const key = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12);
  const folder = path.join(cacheDir(), 'forecast', `python-${key}`);
  const python = path.join(folder, 'bin', 'python');
  const works = (): Promise<boolean> => versionsOf(python).then(Boolean, () => false);
  await ensurePythonEnvironment({ name: 'The packages of the anchors', folder, packages: PACKAGES, works, log });
  return { python, versions: await versionsOf(python) };
}

async function versionsOf(python: string): Promise<Record<string, string>> {
  const { stdout } = await run(python, ['-c', VERSIONS]);
  return versionsSchema.parse(JSON.parse(stdout));
}
