import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { RunSpec } from '../../../../core/function/run-spec';
import type { GatewayListener } from '../../../../drivers/sandbox/runc/network/gateway-door';
import { createRuncDriver, type RuncDriverOptions } from '../../../../drivers/sandbox/runc/runc-driver';
import type { RunningSandbox, SandboxDriver, SandboxLogLine, SandboxSpec } from '../../../../drivers/sandbox/sandbox';
import { cacheDir } from '../../../../workers/cache-dir';
import { ask } from '../../../drivers/sandbox/ask';
import { testRunSpec } from '../../../drivers/sandbox/run-spec';
import { waitFor } from '../../../drivers/sandbox/wait-for';

const silent = { info: () => undefined, warn: () => undefined };

/** What the probe left in `out`, or what it was refused. */
export interface ProbeAnswer {
  readonly out?: unknown;
  readonly error?: string;
}

/** A runc driver in folders of its own, and the probe function to look around in its sandboxes. */
export class RuncHarness {
  readonly root = mkdtempSync('/dev/shm/presage-runc-');
  readonly options: RuncDriverOptions;
  driver: SandboxDriver;
  readonly lines: SandboxLogLine[] = [];
  readonly exits = new Map<string, { outOfMemory: boolean }>();
  readonly codeDir = path.join(this.root, 'code');

  /** @param gateway what stands behind the door that functions call */
  constructor(gateway: GatewayListener | null = null) {
    this.options = {
      runDir: path.join(this.root, 'run'),
      cacheDir: cacheDir(),
      subnet: '10.203.0.0/16',
      slots: 3,
      gateway,
      log: silent,
    };
    mkdirSync(this.options.runDir);
    mkdirSync(this.codeDir);
    for (const name of ['probe.py', 'main.py']) {
      copyFileSync(path.join(__dirname, 'probe', name), path.join(this.codeDir, name));
    }
    this.driver = createRuncDriver(this.options);
  }

  async open(): Promise<void> {
    await this.driver.open({
      logged: (line) => void this.lines.push(line),
      exited: (id, how) => void this.exits.set(id, how),
    });
  }

  /** A new driver takes over from one that ends without its sandboxes. */
  async reopen(gateway: GatewayListener): Promise<void> {
    await this.driver.close({ destroyAll: false });
    this.driver = createRuncDriver({ ...this.options, gateway });
    await this.open();
    await this.driver.recover();
  }

  async close(): Promise<void> {
    await this.driver.close({ destroyAll: true });
    await rm(this.root, { recursive: true, force: true });
  }

  newId(): string {
    return `t${randomBytes(8).toString('hex')}`;
  }

  spec(change: Partial<RunSpec> = {}, how: 'unix' | 'tcp' = 'unix'): SandboxSpec {
    const command = ['python3', '/var/task/probe.py', how];
    return { id: this.newId(), run: testRunSpec('http', { command, ...change }), codeDir: this.codeDir };
  }

  async launch(change: Partial<RunSpec> = {}, how: 'unix' | 'tcp' = 'unix'): Promise<RunningSandbox> {
    const spec = this.spec(change, how);
    await this.driver.create(spec);
    return this.ready(await this.driver.start(spec.id), how);
  }

  /** The probe behind the shim of Python, which had been booted without it. */
  async specialise(change: Partial<RunSpec> = {}): Promise<RunningSandbox> {
    const spec = this.handlerSpec(change);
    const kind = { runtime: 'python', network: spec.run.network } as const;
    const blank = await this.driver.startBlank(this.newId(), kind);
    return this.ready(await this.driver.specialise(blank.id, spec));
  }

  handlerSpec(change: Partial<RunSpec> = {}): SandboxSpec {
    const run = testRunSpec('python', change);
    return { id: this.newId(), run, codeDir: this.codeDir };
  }

  async restore(image: string, change: Partial<RunSpec> = {}): Promise<RunningSandbox> {
    return this.ready(await this.driver.restore(this.spec(change), image));
  }

  async ready(sandbox: RunningSandbox, how: 'unix' | 'tcp' = 'unix'): Promise<RunningSandbox> {
    await waitFor('the probe to listen', async () => (await this.run(sandbox, 'out = 1', how)).out === 1);
    return sandbox;
  }

  /** Runs Python inside. */
  async run(sandbox: RunningSandbox, code: string, how: 'unix' | 'tcp' = 'unix'): Promise<ProbeAnswer> {
    const endpoint = sandbox.endpoints.find(({ kind }) => kind === how);
    if (!endpoint) throw new Error(`the sandbox has no ${how} endpoint`);
    return JSON.parse((await ask(endpoint, '/', { body: code })).text) as ProbeAnswer;
  }

  image(): string {
    return path.join(this.root, 'images', this.newId());
  }
}
