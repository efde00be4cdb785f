import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { assetPath } from '../../drivers/asset-path';
import { ensurePackages, findProgram } from '../../drivers/sandbox/runc/setup/ensure-packages';
import { cacheDir } from '../../workers/cache-dir';
import { freePort } from '../harness/platform';
import { startPeer, type Peer } from './peer';

const run = promisify(execFile);
const PEERS = 'bench/hop/peers';
const HELLO = 'examples/hello-node/index.js';

/** The peers that could be had, and one line for each that could not. */
export interface Peers {
  readonly running: readonly Peer[];
  readonly missing: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts every peer: those from npm at the exact versions of peers/package.json out of the cache folder, haproxy from
 * Debian. @param instanceSocket what the two proxies pass requests on to
 */
export async function startPeers(instanceSocket: string, log: (text: string) => void): Promise<Peers> {
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-peers-'));
  const running: Peer[] = [];
  const missing: string[] = [];
  const hello = { HELLO_MODULE: assetPath(HELLO) };
  const packages = await installPackages(log).catch((error: unknown) => {
    missing.push(`functions-framework and workerd: npm could not install them (${reasonOf(error)})`);
    return undefined;
  });
  const attempt = async (name: string, start: (port: number) => Promise<Peer>): Promise<void> => {
    try {
      running.push(await start(await freePort()));
    } catch (error) {
      missing.push(`${name}: ${reasonOf(error)}`);
    }
  };
  await attempt('plain-node', (port) =>
    startPeer('plain-node', port, process.execPath, [assetPath(`${PEERS}/plain-node.js`)], hello),
  );
  await attempt('bare-proxy', (port) =>
    startPeer('bare-proxy', port, process.execPath, [assetPath(`${PEERS}/bare-proxy.js`)], {
      UPSTREAM: instanceSocket,
      UNDICI_MODULE: require.resolve('undici'),
    }),
  );
  await attempt('haproxy', (port) => startHaproxy(port, folder, instanceSocket, log));
  if (packages !== undefined) {
    await attempt('functions-framework', (port) => {
      const main = path.join(packages, '@google-cloud/functions-framework/build/src/main.js');
      const source = assetPath(`${PEERS}/functions-framework.js`);
      return startPeer('functions-framework', port, process.execPath, [main, '--target=hello', `--source=${source}`], {
        ...hello,
        HOST: '127.0.0.1',
        NODE_ENV: 'production',
      });
    });
    await attempt('workerd', (port) => startWorkerd(port, folder, packages));
  }
  for (const line of missing) log(`NOT COMPARED WITH ${line}`);
  return {
    running,
    missing,
    stop: async () => {
      await Promise.all(running.map((peer) => peer.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @returns node_modules of the cache folder; each set of versions has a folder of its own */
async function installPackages(log: (text: string) => void): Promise<string> {
  const wanted = assetPath(`${PEERS}/package.json`);
  const id = createHash('sha256').update(readFileSync(wanted)).digest('hex').slice(0, 12);
  const folder = path.join(cacheDir(), 'bench-peers', id);
  const mark = path.join(folder, 'installed');
  if (!existsSync(mark)) {
    log('installing functions-framework and workerd (177 MB)');
    mkdirSync(folder, { recursive: true });
    copyFileSync(wanted, path.join(folder, 'package.json'));
    await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, timeout: 300_000 });
    writeFileSync(mark, '');
  }
  return path.join(folder, 'node_modules');
}

async function startHaproxy(port: number, folder: string, socket: string, log: (text: string) => void): Promise<Peer> {
  await ensurePackages(['haproxy'], log);
  const file = path.join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend in
  bind 127.0.0.1:${port}
  default_backend instance
backend instance
  server instance unix@${socket}
`,
  );
  return startPeer('haproxy', port, findProgram('haproxy') ?? 'haproxy', ['-db', '-f', file]);
}

async function startWorkerd(port: number, folder: string, packages: string): Promise<Peer> {
  copyFileSync(assetPath(HELLO), path.join(folder, 'hello.js'));
  copyFileSync(assetPath(`${PEERS}/workerd.mjs`), path.join(folder, 'worker.mjs'));
  const file = path.join(folder, 'workerd.capnp');
  writeFileSync(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .hello)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const hello :Workerd.Worker = (
  modules = [
    (name = "worker", esModule = embed "worker.mjs"),
    (name = "hello.js", commonJsModule = embed "hello.js"),
  ],
  compatibilityDate = "2026-01-01",
);
`,
  );
  const binary = path.join(
    packages,
    '@cloudflare',
    `workerd-linux-${process.arch === 'arm64' ? 'arm64' : '64'}`,
    'bin',
  );
  return startPeer('workerd', port, path.join(binary, 'workerd'), ['serve', file]);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error);
}
