import {
  blankConfig,
  ociConfig,
  processArguments,
  processEnvironment,
  sandboxMounts,
} from '../../../../drivers/sandbox/runc/oci-config';
import { testRunSpec } from '../run-spec';

const places = {
  root: '/run/p/m/base',
  devices: '/run/p/m/base/dev',
  code: '/run/p/m/code',
  runtimes: '/run/p/m/runtimes',
  tmp: '/run/p/i/a/tmp',
  socket: '/run/p/i/a/fn',
  network: '/run/netns/n',
  cgroup: '/presage-x/a',
  gatewayUrl: 'http://gateway.test',
};

interface Config {
  process: {
    args: string[];
    env: string[];
    cwd: string;
    user: object;
    capabilities: Record<string, string[]>;
    noNewPrivileges: boolean;
  };
  root: { path: string; readonly: boolean };
  mounts: { destination: string; type: string; source: string; options: string[] }[];
  linux: {
    namespaces: { type: string; path?: string }[];
    uidMappings: object[];
    cgroupsPath: string;
    resources: { memory: object; cpu: object; pids: object };
    seccomp: { syscalls: { names: string[] }[] };
  };
}

const config = (
  run = testRunSpec('nodejs'),
  where: Omit<typeof places, 'code'> & { code: string | null } = places,
): Config => ociConfig('a', run, where, 'x64') as Config;

describe('ociConfig', () => {
  test('shuts the sandbox in', () => {
    const { process, root, linux } = config();
    expect(root).toEqual({ path: places.root, readonly: true });
    expect(process.user).toEqual({ uid: 1000, gid: 1000 });
    expect(process.noNewPrivileges).toBe(true);
    expect(Object.values(process.capabilities).flat()).toEqual([]);
    expect(linux.namespaces.map(({ type }) => type).sort()).toEqual(['ipc', 'mount', 'network', 'pid', 'user', 'uts']);
    expect(linux.namespaces.find(({ type }) => type === 'network')?.path).toBe(places.network);
    expect(linux.uidMappings).toEqual([{ containerID: 0, hostID: 100000, size: 65536 }]);
  });

  test('carries the limits', () => {
    const run = testRunSpec('nodejs', { limits: { memoryBytes: 1000, cpuMillis: 250, pids: 9 } });
    expect(config(run).linux.resources).toMatchObject({
      memory: { limit: 1000 },
      cpu: { quota: 25000, period: 100000, shares: 256 },
      pids: { limit: 9 },
    });
  });

  test('binds nothing writable but /tmp and the socket folder, and makes no tmpfs', () => {
    const { mounts } = config();
    expect(mounts.filter(({ options }) => options.includes('rw')).map(({ destination }) => destination)).toEqual([
      '/tmp',
      '/run/fn',
    ]);
    expect(mounts.map(({ type }) => type)).not.toContain('tmpfs');
    expect(mounts.find(({ destination }) => destination === '/proc')?.options).toContain('subset=pid');
  });

  test('a root of its own needs no code folder', () => {
    const { process, mounts } = config(testRunSpec('http', { command: ['/srv'] }), { ...places, code: null });
    expect(process.cwd).toBe('/');
    expect(mounts.map(({ destination }) => destination)).not.toContain('/var/task');
  });
});

test('dump and restore speak of the same mounts', () => {
  expect(sandboxMounts(places).map(({ destination }) => destination)).toEqual(
    config()
      .mounts.map(({ destination }) => destination)
      .filter((destination) => destination !== '/proc'),
  );
});

test('processArguments', () => {
  expect(processArguments(testRunSpec('nodejs'))).toEqual(['/usr/bin/node', '/var/runtime/nodejs/shim.js']);
  expect(processArguments(testRunSpec('python'))[0]).toBe('/usr/bin/python3');
  expect(processArguments(testRunSpec('http', { command: ['./server', '-x'] }))).toEqual(['./server', '-x']);
});

test('the environment is the function’s and the platform’s, never the host’s', () => {
  const run = testRunSpec('nodejs', { env: { A: '1', PORT: 'mine' }, secretEnv: { S: '2' } });
  const environment = processEnvironment('i1', run, '/var/task', null);
  const names = Object.keys(environment);
  expect(environment).toMatchObject({
    A: '1',
    S: '2',
    PORT: '8080',
    PRESAGE_INSTANCE: 'i1',
    PRESAGE_HANDLER: 'index.handler',
  });
  expect(names.filter((name) => !/^(PRESAGE_\w+|A|S|PORT|PATH|HOME|TMPDIR|LANG)$/.test(name))).toEqual([]);
});

test('a blank is shut in as a function is, and knows of nobody', () => {
  const blank = blankConfig('nodejs', { ...places, code: null }, 'x64') as Config;
  const ordinary = config();
  const { env, ...shut } = blank.process;
  expect(shut).toEqual({ ...ordinary.process, env: undefined, cwd: '/' });
  expect(env).toContain('PRESAGE_BLANK=/run/fn/blank.sock');
  expect(env.filter((entry) => /^PRESAGE_(?!SOCKET|BLANK)/.test(entry))).toEqual([]);
  expect(blank.root).toEqual(ordinary.root);
  expect(blank.mounts).toEqual(ordinary.mounts.filter(({ destination }) => destination !== '/var/task'));
  const { resources, ...linux } = blank.linux;
  expect({ ...linux, resources: ordinary.linux.resources }).toEqual(ordinary.linux);
  expect(resources.memory).toEqual({ limit: 96 * 2 ** 20 });
});
