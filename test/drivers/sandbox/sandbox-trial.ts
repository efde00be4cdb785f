import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunSpec } from '../../../core/function/run-spec';
import type { BlankRuntime } from '../../../drivers/sandbox/blank';
import type {
  RunningSandbox,
  SandboxCapabilities,
  SandboxDriver,
  SandboxLogLine,
  SandboxStats,
} from '../../../drivers/sandbox/sandbox';
import { ask, type Answer, type Question } from './ask';
import { testRunSpec } from './run-spec';
import { waitFor } from './wait-for';

export interface SandboxHarness {
  /** Not yet open. */
  readonly driver: SandboxDriver;
  /** Another driver over the same folders, as an agent that starts after the first was killed makes it; not yet open. */
  another(): SandboxDriver;
  /** Copies of `contract-function/node` and `contract-function/python` that the driver's instances can read. */
  readonly codeDirs: { readonly node: string; readonly python: string };
  /** Folders in which nothing about an instance may stay, and no secret may ever be. */
  readonly stateDirs: readonly string[];
  /** Where images are written; default a temporary folder. */
  readonly imageDir?: string;
  /** What it does not keep, each with the reason. */
  readonly exceptions?: Readonly<Partial<Record<ContractException, string>>>;
  /** Called after the drivers were closed. */
  close(): Promise<void>;
}

/**
 * `streams`: stdout and stderr come as one. `figures`: what is used is measured by somebody else, late and without processes.
 * `clones`: more than one from an image, each fresh by itself; tested apart.
 */
export type ContractException = 'streams' | 'figures' | 'clones';

interface Exit {
  readonly id: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
}

/** For figures that somebody else measures. */
const LATE_MS = 60_000;

/** A driver on trial: what was started with it, what was heard of that, and how to talk to it. */
export class SandboxTrial {
  readonly lines: SandboxLogLine[] = [];
  readonly exits: Exit[] = [];
  private harness!: SandboxHarness;
  private imagesDir!: string;
  private readonly drivers: SandboxDriver[] = [];
  private readonly live = new Map<string, RunningSandbox>();

  async open(make: () => Promise<SandboxHarness>): Promise<void> {
    this.harness = await make();
    this.imagesDir = this.harness.imageDir ?? (await mkdtemp(path.join(tmpdir(), 'presage-images-')));
    await this.harness.driver.open({
      logged: (line) => void this.lines.push(line),
      exited: (id, how) => void this.exits.push({ id, ...how }),
    });
    this.drivers.push(this.harness.driver);
  }

  async close(): Promise<void> {
    for (const driver of this.drivers) await driver.close({ destroyAll: true });
    await rm(this.imagesDir, { recursive: true, force: true });
    await this.harness.close();
  }

  get driver(): SandboxDriver {
    return this.harness.driver;
  }

  /** A second driver over the same folders; from here on instances are its own. Not yet open. */
  successor(): SandboxDriver {
    const second = this.harness.another();
    this.drivers.unshift(second);
    return second;
  }

  newId(): string {
    return `t${randomBytes(8).toString('hex')}`;
  }

  newImage(): string {
    return path.join(this.imagesDir, this.newId());
  }

  codeDir(runtime: RunSpec['runtime']): string {
    return runtime === 'python' ? this.harness.codeDirs.python : this.harness.codeDirs.node;
  }

  except(what: ContractException): boolean {
    return this.harness.exceptions?.[what] !== undefined;
  }

  async able(capability: keyof Omit<SandboxCapabilities, 'reasons'>): Promise<boolean> {
    return (await this.driver.capabilities())[capability];
  }

  async launch(runtime: RunSpec['runtime'], change: Partial<RunSpec> = {}): Promise<RunningSandbox> {
    const id = this.newId();
    await this.driver.create({ id, run: testRunSpec(runtime, change), codeDir: this.codeDir(runtime) });
    return this.ready(await this.driver.start(id));
  }

  /** From a runtime that was booted without code; from nothing, where `from` says so. */
  async launchFrom(
    from: 'nothing' | 'blank',
    runtime: BlankRuntime,
    change: Partial<RunSpec> = {},
  ): Promise<RunningSandbox> {
    if (from === 'nothing') return this.launch(runtime, change);
    const run = testRunSpec(runtime, change);
    const { id: blankId } = await this.driver.startBlank(this.newId(), { runtime, network: run.network });
    return this.specialise(blankId, runtime, run);
  }

  async specialise(blankId: string, runtime: BlankRuntime, run: RunSpec): Promise<RunningSandbox> {
    return this.ready(await this.driver.specialise(blankId, { id: this.newId(), run, codeDir: this.codeDir(runtime) }));
  }

  async restore(runtime: RunSpec['runtime'], image: string): Promise<RunningSandbox> {
    const spec = { id: this.newId(), run: testRunSpec(runtime), codeDir: this.codeDir(runtime) };
    return this.ready(await this.driver.restore(spec, image));
  }

  async destroy(id: string): Promise<void> {
    await this.driver.destroy(id);
    this.live.delete(id);
  }

  async destroyAll(): Promise<void> {
    for (const id of [...this.live.keys()]) await this.destroy(id);
  }

  talk(sandbox: RunningSandbox, target: string, question: Question = {}): Promise<Answer> {
    const endpoint = sandbox.endpoints[0];
    if (!endpoint) throw new Error('a sandbox without endpoints');
    return ask(endpoint, target, { ...question, headers: { 'x-presage-instance': sandbox.id, ...question.headers } });
  }

  async json(sandbox: RunningSandbox, target: string): Promise<unknown> {
    const answer = await this.talk(sandbox, target);
    expect({ status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({
      status: 200,
      text: '',
    });
    return JSON.parse(answer.text);
  }

  /** Waits until it answers, and ends it with the test. */
  async ready(sandbox: RunningSandbox): Promise<RunningSandbox> {
    this.live.set(sandbox.id, sandbox);
    await waitFor('the instance to listen', async () => {
      if (this.exits.some((exit) => exit.id === sandbox.id)) {
        const last = this.lines.slice(-5).map((line) => line.text);
        throw new Error(`it ended: ${last.join(' | ')}`);
      }
      return (await this.talk(sandbox, '/_presage/health', { timeoutMs: 2000 })).status === 200;
    });
    return sandbox;
  }

  exitOf(id: string): Promise<Exit> {
    return waitFor('the exit', () => this.exits.find((exit) => exit.id === id));
  }

  /** What an instance uses, once that is as much as it should be. */
  figures(id: string, enough: (used: SandboxStats) => boolean = () => true): Promise<SandboxStats> {
    if (!this.except('figures')) return this.driver.stats(id);
    const look = async (): Promise<SandboxStats | null> => {
      const used = await this.driver.stats(id).catch(() => null);
      return used && enough(used) ? used : null;
    };
    return waitFor('figures', look, LATE_MS);
  }

  /** No folder of the driver holds a file or folder named after these. */
  async expectNothingOf(...ids: readonly string[]): Promise<void> {
    for (const folder of this.harness.stateDirs) {
      const names = await readdir(folder, { recursive: true });
      expect(names.filter((name) => ids.some((id) => name.includes(id)))).toEqual([]);
    }
  }

  /** No file below the driver's folders holds this text. Pipes and sockets are left out. */
  async expectNowhere(text: string): Promise<void> {
    for (const folder of this.harness.stateDirs) {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = path.join(entry.parentPath, entry.name);
        const bytes = await readFile(file).catch(() => Buffer.alloc(0));
        expect({ file, holdsIt: bytes.includes(text) }).toEqual({ file, holdsIt: false });
      }
    }
  }
}

/** Does a process run? A dead one that its parent has not taken note of yet does not. */
export function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
