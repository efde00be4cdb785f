import { spawn, type ChildProcess } from 'node:child_process';

const MARK = 'the block has ended';
const BLOCK_MS = 180_000;

/** One shell for all blocks of a page, as its reader has one. A command that fails ends it. */
export class ReaderShell {
  readonly #child: ChildProcess;
  #said = '';
  #more: () => void = () => undefined;
  #ended = false;

  constructor(cwd: string, environment: NodeJS.ProcessEnv) {
    this.#child = spawn('bash', ['-e', '-o', 'pipefail'], { cwd, env: environment, stdio: 'pipe' });
    const hear = (chunk: Buffer): void => {
      this.#said += chunk.toString();
      this.#more();
    };
    this.#child.stdout?.on('data', hear);
    // What goes wrong is read where it happened.
    this.#child.stdin?.write('exec 2>&1\n');
    this.#child.once('exit', () => {
      this.#ended = true;
      this.#more();
    });
  }

  /** @returns what it wrote @throws Error with it when a command fails */
  async run(commands: string): Promise<string> {
    this.#said = '';
    this.#child.stdin?.write(`${commands}\necho '${MARK}'\n`);
    const deadline = Date.now() + BLOCK_MS;
    while (!this.#said.includes(MARK)) {
      if (this.#ended || Date.now() > deadline) {
        throw new Error(`${this.#ended ? 'A command failed' : 'It hangs'}:\n${commands}\n${this.#said}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.#more = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#said.slice(0, this.#said.indexOf(MARK));
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    const end = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await end;
  }
}
