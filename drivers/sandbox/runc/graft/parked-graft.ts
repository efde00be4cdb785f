import { type ChildProcess, spawn } from 'node:child_process';
import { PlatformError } from '../../../../core/error/platform-error';
import { runAtOrdinaryPriority } from '../../../ordinary-priority';

/** The program that has opened the mounts of one running sandbox and waits for the folder to show there. */
export class ParkedGraft {
  private said = '';
  private complaint = '';
  private readonly closed: Promise<void>;

  private constructor(private readonly child: ChildProcess) {
    child.stdin?.on('error', () => undefined);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.complaint += text));
    this.closed = new Promise((resolve) => {
      child.on('close', () => resolve());
      child.on('error', (error) => {
        this.complaint += error.message;
        resolve();
      });
    });
  }

  /** @param pid the sandbox's first process. @throws PlatformError start_failed */
  static async park(program: string, pid: number): Promise<ParkedGraft> {
    const child = spawn(program, [String(pid)], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
    runAtOrdinaryPriority(child.pid);
    const graft = new ParkedGraft(child);
    await graft.says('ready');
    return graft;
  }

  /** Binds the folder at `/var/task` of the sandbox, read-only; done when it can be seen there. @throws PlatformError start_failed */
  async show(folder: string): Promise<void> {
    this.child.stdin?.end(`${folder}\n`);
    await this.says('grafted');
  }

  /** Ends one that is not needed. */
  async end(): Promise<void> {
    this.child.stdin?.end();
    await this.closed;
  }

  private async says(word: string): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      const listen = (): void => {
        if (this.said.includes(`${word}\n`)) resolve();
      };
      this.child.stdout?.on('data', listen);
      listen();
    });
    await Promise.race([heard, this.closed]);
    if (this.said.includes(`${word}\n`)) return;
    throw new PlatformError('start_failed', `Code cannot be shown in a running sandbox: ${this.complaint.trim()}`);
  }
}
