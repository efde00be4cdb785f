import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PlatformError } from '../../../core/error/platform-error';

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Called with each line of stdout and stderr. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds after which the command is killed. */
  readonly timeoutMs?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Runs a command to its end and gives its standard output. @throws PlatformError unavailable with the last lines of what it said
 */
export async function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: options.env ?? process.env,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' as const }),
  });
  const output: string[] = [];
  const last: string[] = [];
  const listen = (stream: NodeJS.ReadableStream, keep: boolean): Promise<void> =>
    new Promise((resolve) => {
      createInterface({ input: stream })
        .on('line', (line) => {
          if (keep) output.push(line);
          last.push(line);
          if (last.length > 12) last.shift();
          options.onLine?.(line);
        })
        .on('close', resolve);
    });
  const lines = [listen(child.stdout, true), listen(child.stderr, false)];
  const ending = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? null : signal ? `signal ${signal}` : `status ${code}`));
  });
  if (ending !== null) child.stdout.destroy();
  if (ending !== null) child.stderr.destroy();
  await Promise.all(lines);
  if (ending === null) return output.join('\n');
  const errors = last.filter((line) => /\b(error|fatal|failed|cannot|E:)\b/i.test(line));
  const telling = errors.length > 0 ? errors : last;
  const said = telling.length > 0 ? `; it said: ${telling.join(' | ')}` : '';
  throw new PlatformError('unavailable', `${command} ${args[0] ?? ''} ended with ${ending}${said}`);
}
