import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '../../../../core/error/platform-error';
import { findProgram, type SetupLog } from './ensure-packages';
import { publishFolder } from './publish-folder';
import { runTool } from './run-tool';

export type BaseKind = 'node' | 'python3';

/** Raise when the layout of the folder changes: it is part of the key. */
const LAYOUT = 1;
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
/** Functions ask this address; the driver's packet filter sends the question on to the host's resolver. */
export const RESOLVER_ADDRESS = '169.254.203.53';
const MOUNT_POINTS = [
  'proc',
  'dev',
  'tmp',
  'run/fn',
  'var/task',
  'var/runtime',
  'etc',
  'usr/bin',
  'usr/lib',
  'usr/lib64',
];
const DEVICES = { null: 3, zero: 5, full: 7, random: 8, urandom: 9 } as const;

/**
 * Folder of a root file system made of the host's own files: the interpreter, its libraries, the TLS roots; kept as
 * `<cacheDir>/base/<key>/<kind>`, read-only in use. The key holds everything that a checkpoint depends on.
 * @throws PlatformError unsupported when the interpreter is not on this machine
 */
export async function ensureBase(kind: BaseKind, cacheDir: string, log: SetupLog): Promise<string> {
  const interpreter = await findInterpreter(kind);
  const key = await baseKey(interpreter);
  const target = path.join(cacheDir, 'base', key, kind);
  if (existsSync(target)) return target;
  log(`making the ${kind} base from ${interpreter.binary}`);
  return publishFolder(target, async (root) => {
    await skeleton(root);
    await copyProgram(root, interpreter.binary, `/usr/bin/${kind}`);
    for (const program of ['sh', 'env', 'sleep']) {
      const found = findProgram(program);
      if (found) await copyProgram(root, found, `/usr/bin/${program}`);
    }
    if (interpreter.stdlib) await copyStdlib(root, interpreter.stdlib);
    await copyTrust(root);
    await runTool('chmod', ['-R', 'a+rX,go-w', root]);
    await chmod(path.join(root, 'tmp'), 0o1777);
    await makeDevices(path.join(root, 'dev'));
  });
}

interface Interpreter {
  readonly binary: string;
  readonly version: string;
  readonly stdlib: string | null;
}

/** The interpreter that the python3 base is made of. @throws PlatformError unsupported when there is none */
export function pythonOfHost(): string {
  // the system's own first: version managers put shell scripts on PATH
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : findProgram('python3');
  if (python) return python;
  throw new PlatformError('unsupported', 'python3 is not installed, so Python functions cannot run here', {
    hint: 'apt-get install -y python3',
  });
}

async function findInterpreter(kind: BaseKind): Promise<Interpreter> {
  if (kind === 'node') {
    return { binary: await realpath(process.execPath), version: process.version, stdlib: null };
  }
  const python = pythonOfHost();
  const ask =
    'import os,sys,sysconfig;print(os.path.realpath(sys.executable));print(sys.version.split()[0]);print(sysconfig.get_path("stdlib"))';
  const [binary, version, stdlib] = (await runTool(python, ['-I', '-c', ask], { env: {} })).trim().split('\n');
  if (!binary || !version || !stdlib)
    throw new PlatformError('unsupported', `${python} does not say where its library is`);
  return { binary, version, stdlib };
}

async function baseKey(interpreter: Interpreter): Promise<string> {
  const hash = createHash('sha256').update(`${LAYOUT}\n${interpreter.stdlib ?? ''}\n`);
  await pipeline(createReadStream(interpreter.binary), hash, { end: false });
  hash.update(await readFile(CERTIFICATES).catch(() => Buffer.alloc(0)));
  return `${interpreter.version.replace(/^v/, '')}-${hash.digest('hex').slice(0, 12)}`;
}

async function skeleton(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const folder of MOUNT_POINTS) await mkdir(path.join(root, folder), { recursive: true });
  await symlink('usr/bin', path.join(root, 'bin'));
  await symlink('usr/lib', path.join(root, 'lib'));
  await symlink('usr/lib64', path.join(root, 'lib64'));
  const etc: Record<string, string> = {
    passwd: 'root:x:0:0::/:/bin/false\nfn:x:1000:1000::/tmp:/bin/false\n',
    group: 'root:x:0:\nfn:x:1000:\n',
    hosts: '127.0.0.1 localhost\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    'resolv.conf': `nameserver ${RESOLVER_ADDRESS}\noptions timeout:2 attempts:3\n`,
  };
  for (const [name, text] of Object.entries(etc)) await writeFile(path.join(root, 'etc', name), text);
}

/** The five harmless devices; everything else of /dev is absent. @throws PlatformError unsupported without CAP_MKNOD */
export async function makeDevices(folder: string): Promise<void> {
  for (const [name, minor] of Object.entries(DEVICES)) {
    const file = path.join(folder, name);
    if (existsSync(file)) continue;
    await runTool('mknod', ['-m', '666', file, 'c', '1', String(minor)]).catch((error: unknown) => {
      throw new PlatformError('unsupported', `Device files cannot be made here: ${String(error)}`, { cause: error });
    });
  }
  const links = {
    fd: '/proc/self/fd',
    stdin: '/proc/self/fd/0',
    stdout: '/proc/self/fd/1',
    stderr: '/proc/self/fd/2',
    shm: '/tmp',
  };
  for (const [name, to] of Object.entries(links)) {
    await symlink(to, path.join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function copyProgram(root: string, binary: string, as: string): Promise<void> {
  const real = await realpath(binary);
  await copyFile(real, path.join(root, as));
  // an interpreter finds its library from where it lies, so it also lies where it lay
  if (real !== as && !existsSync(path.join(root, real))) {
    await mkdir(path.join(root, path.dirname(real)), { recursive: true });
    await symlink(as, path.join(root, real));
  }
  await copyLibraries(root, [real]);
}

async function copyLibraries(root: string, binaries: readonly string[]): Promise<void> {
  const listed = await runTool('sh', ['-c', 'ldd "$@" 2>/dev/null; true', 'sh', ...binaries]);
  const libraries = new Set([...listed.matchAll(/(?:=> |^\s+)(\/[^ ]+) \(0x/gm)].map((match) => match[1] ?? ''));
  for (const library of [...libraries]) {
    // name look-up loads these by name, so that ldd does not see them
    for (const extra of ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2']) {
      const file = path.join(path.dirname(library), extra);
      if (path.basename(library).startsWith('libc.so') && existsSync(file)) libraries.add(file);
    }
  }
  for (const library of libraries) {
    const target = path.join(root, library);
    if (existsSync(target)) continue;
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(library, target);
  }
}

async function copyStdlib(root: string, stdlib: string): Promise<void> {
  const unwanted = new Set(['test', 'idlelib', 'tkinter', 'turtledemo', 'ensurepip', 'site-packages', 'dist-packages']);
  await cp(stdlib, path.join(root, stdlib), {
    recursive: true,
    preserveTimestamps: true, // or Python would hold its compiled files for stale
    filter: (source) => !unwanted.has(path.basename(source)),
  });
  const native = path.join(stdlib, 'lib-dynload');
  const modules = (await runTool('sh', ['-c', 'ls "$1"/*.so 2>/dev/null; true', 'sh', native]))
    .split('\n')
    .filter(Boolean);
  if (modules.length > 0) await copyLibraries(root, modules);
}

async function copyTrust(root: string): Promise<void> {
  if (!existsSync('/etc/ssl/certs')) return;
  await cp('/etc/ssl/certs', path.join(root, 'etc/ssl/certs'), { recursive: true, dereference: true });
  if (existsSync('/etc/ssl/openssl.cnf'))
    await copyFile('/etc/ssl/openssl.cnf', path.join(root, 'etc/ssl/openssl.cnf'));
  await mkdir(path.join(root, 'usr/lib/ssl'), { recursive: true });
  await symlink('/etc/ssl/certs', path.join(root, 'usr/lib/ssl/certs'));
  if (existsSync(CERTIFICATES)) await symlink(CERTIFICATES, path.join(root, 'usr/lib/ssl/cert.pem'));
  await symlink('/etc/ssl/openssl.cnf', path.join(root, 'usr/lib/ssl/openssl.cnf'));
}
