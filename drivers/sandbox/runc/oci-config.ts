import type { RunSpec } from '../../../core/function/run-spec';
import { BLANK_LIMITS, type BlankRuntime } from '../blank';
import { platformEnvironment } from '../platform-environment';
import type { CgroupLimits } from './cgroup/cgroup';
import { seccompFilter } from './seccomp';
import { FUNCTION_USER, HOST_ROOT, MAPPED_IDS } from './user-mapping';

/** The port that a function finds in `$PORT`, in its own network namespace. */
export const FUNCTION_PORT = 8080;
export const OPEN_FILES = 4096;
/** Inside: where a blank is told what it is to become. */
export const BLANK_SOCKET = 'blank.sock';
const SOCKET_FOLDER = '/run/fn';
export const CODE_FOLDER = '/var/task';
const DEVICES = [3, 5, 7, 8, 9];
const CPU_PERIOD = 100_000;

/** Where the parts of one sandbox lie on the host. */
export interface SandboxPlaces {
  /** Root file system. */
  readonly root: string;
  /** Folder with the few device files. */
  readonly devices: string;
  /** Code folder; null when the root itself is the code. */
  readonly code: string | null;
  readonly runtimes: string;
  readonly tmp: string;
  /** Where its Unix socket appears. */
  readonly socket: string;
  /** File of its network namespace. */
  readonly network: string;
  /** For runc's `cgroupsPath`. */
  readonly cgroup: string;
  /** Of the program; default: the code folder. */
  readonly workingDir?: string | undefined;
  /** What it calls the gateway by; null where it cannot reach it. */
  readonly gatewayUrl: string | null;
}

export interface Mount {
  readonly destination: string;
  readonly source: string;
  readonly readOnly: boolean;
}

/** What is bound into a sandbox. CRIU has to be told of each: the same list serves dump and restore. */
export function sandboxMounts(
  places: Pick<SandboxPlaces, 'devices' | 'code' | 'runtimes' | 'tmp' | 'socket'>,
): Mount[] {
  return [
    // a bind on /dev keeps runc from making a tmpfs there, which would cost every restore 30 ms
    { destination: '/dev', source: places.devices, readOnly: true },
    { destination: '/tmp', source: places.tmp, readOnly: false },
    { destination: SOCKET_FOLDER, source: places.socket, readOnly: false },
    { destination: '/var/runtime', source: places.runtimes, readOnly: true },
    ...(places.code === null ? [] : [{ destination: CODE_FOLDER, source: places.code, readOnly: true }]),
  ];
}

/** The program that serves a function. */
export function processArguments(run: Pick<RunSpec, 'runtime' | 'command'>): readonly string[] {
  if (run.runtime === 'nodejs') return ['/usr/bin/node', '/var/runtime/nodejs/shim.js'];
  if (run.runtime === 'python') return ['/usr/bin/python3', '-S', '/var/runtime/python/shim.py'];
  return run.command ?? [];
}

/** What a program finds in its environment whoever it serves. */
function commonEnvironment(runtime: RunSpec['runtime']): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
    HOME: '/tmp',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    PORT: String(FUNCTION_PORT),
    PRESAGE_SOCKET: `${SOCKET_FOLDER}/http.sock`,
    ...(runtime === 'python' ? { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' } : {}),
  };
}

/** Never the host's environment: beside leaking it, one variable there costs each Node.js boot 35 ms. */
export function processEnvironment(
  id: string,
  run: RunSpec,
  code: string,
  gatewayUrl: string | null,
): Record<string, string> {
  return {
    ...run.env,
    ...run.secretEnv,
    ...platformEnvironment(id, run, gatewayUrl),
    ...commonEnvironment(run.runtime),
    PRESAGE_CODE: code,
  };
}

/** What runs in a sandbox, beside where its parts lie. */
interface SandboxProgram {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly limits: CgroupLimits;
}

/** runc's `config.json` for a cold start. */
export function ociConfig(id: string, run: RunSpec, places: SandboxPlaces, architecture = process.arch): object {
  const code = places.code === null ? '/' : CODE_FOLDER;
  const program = {
    args: processArguments(run),
    env: processEnvironment(id, run, code, places.gatewayUrl),
    cwd: places.workingDir ?? code,
    limits: run.limits,
  };
  return bundleConfig(program, places, architecture);
}

/** The same for a runtime that waits without code: it differs in nothing that shuts the sandbox in. */
export function blankConfig(runtime: BlankRuntime, places: SandboxPlaces, architecture = process.arch): object {
  const program = {
    args: processArguments({ runtime, command: null }),
    env: { ...commonEnvironment(runtime), PRESAGE_BLANK: `${SOCKET_FOLDER}/${BLANK_SOCKET}` },
    cwd: '/',
    limits: BLANK_LIMITS,
  };
  return bundleConfig(program, places, architecture);
}

function bundleConfig(program: SandboxProgram, places: SandboxPlaces, architecture: NodeJS.Architecture): object {
  const ids = [{ containerID: 0, hostID: HOST_ROOT, size: MAPPED_IDS }];
  const capabilities = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'];
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: FUNCTION_USER, gid: FUNCTION_USER },
      args: program.args,
      env: Object.entries(program.env).map(([name, value]) => `${name}=${value}`),
      cwd: program.cwd,
      capabilities: Object.fromEntries(capabilities.map((set) => [set, []])),
      noNewPrivileges: true,
      rlimits: [
        { type: 'RLIMIT_NOFILE', hard: OPEN_FILES, soft: OPEN_FILES },
        { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
      ],
    },
    root: { path: places.root, readonly: true },
    hostname: 'function',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev', 'subset=pid'] },
      ...sandboxMounts(places).map((mount) => ({
        destination: mount.destination,
        type: 'bind',
        source: mount.source,
        options: [
          'bind',
          'rprivate',
          'nosuid',
          ...(mount.destination === '/dev' ? ['noexec'] : ['nodev']),
          mount.readOnly ? 'ro' : 'rw',
        ],
      })),
    ],
    linux: {
      namespaces: [
        ...['user', 'pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })),
        { type: 'network', path: places.network },
      ],
      uidMappings: ids,
      gidMappings: ids,
      maskedPaths: [],
      readonlyPaths: [],
      cgroupsPath: places.cgroup,
      resources: resources(program.limits),
      seccomp: seccompFilter(architecture),
    },
  };
}

function resources(limits: CgroupLimits): object {
  const quota = Math.max(1000, (limits.cpuMillis * CPU_PERIOD) / 1000);
  const allowed = DEVICES.map((minor) => ({ allow: true, type: 'c', major: 1, minor, access: 'rwm' }));
  return {
    devices: [{ allow: false, access: 'rwm' }, ...allowed],
    memory: { limit: limits.memoryBytes },
    cpu: { quota, period: CPU_PERIOD, shares: Math.max(2, Math.round((limits.cpuMillis * 1024) / 1000)) },
    pids: { limit: limits.pids },
  };
}
