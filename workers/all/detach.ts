import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../core/error/platform-error';
import type { Environment } from './environment';
import { LogFile } from './process/log-file';
import { pidFiles } from './start-command';
import { curlLine, platformLines } from './summary';

const POLL_MS = 200;

/** Runs the platform in a process of its own and waits until it is ready. @throws PlatformError unavailable with its last lines */
export async function startDetached(environment: Environment, argv: readonly string[]): Promise<void> {
  const logs = path.join(environment.config.dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const log = new LogFile(path.join(logs, 'start.log'));
  const begin = log.size();
  const output = openSync(log.file, 'a', 0o600);
  const script = process.argv[1] ?? '';
  const args = [script, ...argv.filter((argument) => argument !== '--detach')];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  let ended = false;
  child.once('exit', () => (ended = true));
  child.unref();
  const pids = pidFiles(environment);
  for (;;) {
    const supervisor = pids.running('supervisor');
    if (supervisor?.ready) {
      const curl = curlLine(environment.config);
      const lines = ['Presage is ready. End it with: npm run stop', platformLines(supervisor, pids.allRunning())];
      process.stdout.write(`${[...lines, ...(curl ? ['', 'Try it:', `  ${curl}`] : [])].join('\n')}\n`);
      return;
    }
    if (ended) {
      const said = log.lastLines(12, begin).join('\n');
      throw new PlatformError('unavailable', `Presage could not be started:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
