import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../../bench/harness/platform';
import { assetPath } from '../../../drivers/asset-path';
import { ownPostgresUrl } from '../../../workers/all/services/postgres-cluster';
import type { TestPlatform } from './test-platform';

/** Its own mounts, with a run folder that nobody else sees: what lies there cannot be opened by a gateway. */
const APART = 'mount -t tmpfs -o mode=711 presage-far "$0" && exec "$@"';

/** Stands for another machine with an agent: what it has of this one are the database, the image store and the master key. */
export class FarNode {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'presage-far-'));
  #process: ChildProcess | undefined;

  private constructor(
    private readonly platform: TestPlatform,
    readonly name: string,
    readonly address: string,
    readonly relay: string,
    /** Gateways cannot open its instances' sockets. */
    private readonly apart: boolean,
  ) {
    symlinkSync(path.join(platform.dataDir, 'blobs'), path.join(this.folder, 'blobs'));
    mkdirSync(this.run);
  }

  static async of(platform: TestPlatform, name: string, { apart }: { readonly apart: boolean }): Promise<FarNode> {
    const [address, relay] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    return new FarNode(platform, name, address, relay, apart);
  }

  get run(): string {
    return path.join(this.folder, 'run');
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** What a person types there; never throws for an exit status. */
  join(token: string): ReturnType<TestPlatform['cli']> {
    const { address, relay, folder } = this;
    const options = ['--address', address, '--relay', relay, '--folder', folder];
    const needs = ['--postgres', ownPostgresUrl(this.platform.config), '--master-key', this.#masterKey];
    return this.platform.cli('node', 'join', '--token', token, ...options, ...needs);
  }

  start(): void {
    const agent = [process.execPath, assetPath('dist/workers/agent.js')];
    const [program = '', ...argv] = this.apart ? ['unshare', '--mount', 'sh', '-c', APART, this.run, ...agent] : agent;
    this.#process = spawn(program, argv, {
      cwd: this.folder,
      env: {
        ...process.env,
        PRESAGE_CONFIG: path.join(this.folder, 'presage.yaml'),
        PRESAGE__RUNDIR: this.run,
        PRESAGE__AGENT__SANDBOX: 'process',
        PRESAGE__AGENT__LINGER: '100ms',
      },
      stdio: ['ignore', process.env['SHOW_AGENT'] ? 'inherit' : 'ignore', 'inherit'],
    });
  }

  /** Ends its agent, and with SIGKILL nothing but that. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = this.#process;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    ending.kill(signal);
    await gone;
  }

  async remove(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #masterKey(): string {
    return path.join(this.platform.dataDir, 'secrets', 'master.key');
  }
}
