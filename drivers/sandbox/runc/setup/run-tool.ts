import { spawn } from 'node:child_process';
import { runAtOrdinaryPriority } from '../../../ordinary-priority';
import { PlatformError } from '../../../../core/error/platform-error';

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Given to the program on its standard input. */
  readonly input?: string;
  /** Milliseconds after which it is killed; default 10 minutes. */
  readonly timeoutMs?: number;
}

/**
 * Runs a program of the host to its end and gives what it printed. For set-up and background work, not for the path
 * of a request. @throws PlatformError unsupported when it is missing, internal with its last lines when it fails
 */
export function runTool(file: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 600_000,
      killSignal: 'SIGKILL',
    });
    runAtOrdinaryPriority(child.pid);
    let stdout = '';
    let tail = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-4000)));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      reject(
        new PlatformError(missing ? 'unsupported' : 'internal', `${file} cannot be run: ${error.message}`, {
          cause: error,
        }),
      );
    });
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const lines = (tail.trim() || stdout.trim()).split('\n').slice(-12).join('\n');
      reject(new PlatformError('internal', `${file} ${args[0] ?? ''} failed (${signal ?? code}): ${lines}`));
    });
  });
}
