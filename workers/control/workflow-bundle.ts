import { existsSync, statSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode, type Logger } from '@temporalio/worker';

/**
 * Path of the bundled workflow code; bundled (about a second) when there is none or the build is newer.
 * @param buildDir folder of the compiled code, the one that holds `workflows/`
 * @param versioned for workers that carry their build
 */
export async function ensureWorkflowBundle(buildDir: string, logger: Logger, versioned: boolean): Promise<string> {
  const entry = require.resolve(path.join(buildDir, 'workflows', versioned ? 'versioned' : 'index'));
  const file = path.join(buildDir, versioned ? 'workflow-bundle-versioned.js' : 'workflow-bundle.js');
  const stamp = path.join(buildDir, '.tsbuildinfo');
  const newest = Math.max(...[entry, stamp].filter((name) => existsSync(name)).map((name) => statSync(name).mtimeMs));
  if (existsSync(file) && statSync(file).mtimeMs > newest) return file;
  const traces = require.resolve(path.join(buildDir, 'workflows', 'trace-interceptors'));
  const { code } = await bundleWorkflowCode({ workflowsPath: entry, workflowInterceptorModules: [traces], logger });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, code);
  await rename(temporary, file);
  return file;
}
