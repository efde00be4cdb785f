import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

const STOP_MS = 20_000;

/** One server as a child process with a log of its own. It ends with this process, however this ends. */
export class ServerProcess {
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly program: string,
    private readonly args: readonly string[],
    private readonly logFile: string,
  ) {}

  start(): void {
    const log = openSync(this.logFile, 'a');
    const child = spawn(this.program, [...this.args], {
      stdio: ['pipe', log, log],
      // Memory for time: a fifth of what they compute is the collection of garbage.
      env: { GOGC: '300', ...process.env, PRESAGE_ENDS_WITH_STDIN: '1' },
    });
    closeSync(log);
    // A pipe must not keep this process alive, and is broken when the other end was killed.
    child.stdin?.on('error', () => undefined);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
  }

  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it has ended; one that does not heed SIGTERM is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || !this.runs) return;
    child.kill(signal);
    const last = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(last);
  }

  /** The last lines of its log. */
  lastWords(lines = 8): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }
}
