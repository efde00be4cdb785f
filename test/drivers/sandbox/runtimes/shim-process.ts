import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assetPath } from '../../../../drivers/asset-path';
import { findSystemProgram } from '../../../../drivers/sandbox/process/program';
import { LogLineSplitter, type SplitLine } from '../../../../drivers/sandbox/log-line-splitter';
import type { Endpoint } from '../../../../drivers/sandbox/sandbox';
import { ask, type Answer, type Question } from '../ask';
import { waitFor } from '../wait-for';

export type ShimRuntime = 'nodejs' | 'python';

export interface ShimOptions {
  /** Files of the function by name. */
  readonly files?: Record<string, string>;
  /** A folder with the function, instead of files. */
  readonly codeDir?: string;
  readonly handler?: string;
  readonly env?: Record<string, string>;
  /** Flags of the interpreter. */
  readonly flags?: readonly string[];
  /** False: nobody reads what it writes. */
  readonly readLogs?: boolean;
}

/** A function served by the real shim in a real process with a clean environment. */
export class ShimProcess {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'presage-shim-'));
  readonly endpoint: Endpoint = { kind: 'unix', path: path.join(this.folder, 'http.sock') };
  readonly lines: (SplitLine & { stream: 'stdout' | 'stderr' })[] = [];
  readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;

  constructor(runtime: ShimRuntime, options: ShimOptions) {
    const code = options.codeDir ?? path.join(this.folder, 'code');
    for (const [name, text] of Object.entries(options.files ?? {})) {
      mkdirSync(path.dirname(path.join(code, name)), { recursive: true });
      writeFileSync(path.join(code, name), text);
    }
    const shim = assetPath(`drivers/sandbox/runtimes/${runtime === 'nodejs' ? 'nodejs/shim.js' : 'python/shim.py'}`);
    const [program, flags] =
      runtime === 'nodejs' ? [process.execPath, []] : [findSystemProgram('python3') ?? 'python3', ['-S']];
    this.child = spawn(program, [...flags, ...(options.flags ?? []), shim], {
      cwd: code,
      env: {
        PATH: '/usr/bin:/bin',
        PYTHONDONTWRITEBYTECODE: '1',
        PRESAGE_CODE: code,
        PRESAGE_SOCKET: this.endpoint.kind === 'unix' ? this.endpoint.path : '',
        PRESAGE_INSTANCE: 'first',
        PRESAGE_HANDLER: options.handler ?? (runtime === 'nodejs' ? 'index.handler' : 'main.handler'),
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = once(this.child, 'close');
    for (const stream of ['stdout', 'stderr'] as const) {
      const splitter = new LogLineSplitter();
      const keep = (line: SplitLine): void => void this.lines.push({ ...line, stream });
      if (options.readLogs === false) continue;
      this.child[stream]!.on('data', (piece: Buffer) => splitter.push(piece).forEach(keep));
      this.child[stream]!.on('end', () => splitter.end().forEach(keep));
    }
  }

  ask(target: string, question: Question = {}): Promise<Answer> {
    return ask(this.endpoint, target, question);
  }

  async ready(): Promise<this> {
    await waitFor('the shim to listen', async () => {
      if (this.child.exitCode !== null) throw new Error(this.text());
      return (await this.ask('/_presage/health')).status === 200;
    });
    return this;
  }

  /** Exit code and signal, once it has ended and all was read. */
  async ended(): Promise<{ code: number | null; signal: string | null }> {
    await this.exited;
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  line(text: string | RegExp): Promise<SplitLine & { stream: string }> {
    return waitFor(`a line ${text}`, () =>
      this.lines.find((line) => (typeof text === 'string' ? line.text === text : text.test(line.text))),
    );
  }

  text(): string {
    return this.lines.map((line) => line.text).join('\n');
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    this.child.stdout?.resume();
    this.child.stderr?.resume();
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
