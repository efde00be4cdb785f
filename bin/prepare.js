'use strict';
// Brings a checkout to where its compiled code can run: the npm packages of package-lock.json and the build in dist/.
// Plain Node without packages, because it runs before there are any.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const MINIMUM_NODE = [20, 19];
const SOURCES = ['core', 'drivers', 'agent', 'gateway', 'activities', 'workflows', 'workers', 'cli', 'bench'];
const BUILD_FILES = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
const STAMP = path.join(root, 'dist', '.stamp');
/** What the console is made of: its own files, and what it takes of the platform's. */
const CONSOLE_SOURCES = ['console', 'core', 'bin/build-console.js', 'package-lock.json'];
const CONSOLE_STAMP = path.join(root, 'dist', 'console', '.stamp');

/** Says what went wrong and ends the process: nothing of ours is running yet that could handle it. */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  fail(
    `Presage needs Node.js ${MINIMUM_NODE.join('.')} or newer; this is ${process.versions.node}. Install a newer one.`,
  );
}

/**
 * What differs between node_modules and package-lock.json, as a sentence; null when nothing does. npm itself leaves
 * the list of what it installed in node_modules/.package-lock.json, and writes it last.
 */
function packagesMissing() {
  const wanted = readJson(path.join(root, 'package-lock.json'))?.packages;
  if (!wanted) return 'package-lock.json cannot be read';
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!installed) return 'node_modules is not there or not complete';
  for (const [name, entry] of Object.entries(wanted)) {
    if (name === '') continue;
    const found = installed[name];
    // Optional packages of other systems are left out by npm.
    if (!found && !entry.optional) return `${name} is missing`;
    if (found && (found.version !== entry.version || found.integrity !== entry.integrity)) {
      return `${name} is ${found.version}, wanted ${entry.version}`;
    }
  }
  return null;
}

function ensurePackages() {
  const missing = packagesMissing();
  if (missing === null) return;
  locked(() => {
    if (packagesMissing() === null) return;
    process.stderr.write(`Installing npm packages (${missing}); takes about a minute…\n`);
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    let result = timed('npm', ['ci', ...quiet]);
    if (result.status !== 0) {
      // npm ci refuses a lock file without the packages of systems that are not this one; the install leaves it as it is.
      process.stderr.write('npm ci refused; trying npm install with the locked versions…\n');
      result = timed('npm', ['install', '--no-save', ...quiet]);
    }
    if (result.status !== 0)
      fail('The npm packages cannot be installed; the reason is above. Is the registry reachable?');
    process.stderr.write(`npm packages installed in ${result.seconds} s\n`);
  });
}

/** Compiles, and builds the console, each when any of its sources differs from the last build in path, time or size. */
function ensureBuilt() {
  ensureFresh(STAMP, [...SOURCES, ...BUILD_FILES], () => {
    process.stderr.write('Compiling…\n');
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { seconds, status } = timed(process.execPath, [tsc, '-p', 'tsconfig.build.json']);
    if (status !== 0) fail('The sources do not compile; the errors are above.');
    process.stderr.write(`Compiled in ${seconds} s\n`);
  });
  ensureFresh(CONSOLE_STAMP, CONSOLE_SOURCES, () => {
    process.stderr.write('Building the console…\n');
    const { seconds, status } = timed(process.execPath, [path.join(root, 'bin', 'build-console.js')]);
    if (status !== 0) fail('The console cannot be built; the errors are above.');
    process.stderr.write(`Console built in ${seconds} s\n`);
  });
}

/** Runs `build` unless `stamp` was written for the sources as they are. */
function ensureFresh(stamp, sources, build) {
  if (read(stamp) === fingerprint(sources)) return;
  locked(() => {
    const wanted = fingerprint(sources);
    if (read(stamp) === wanted) return;
    build();
    fs.writeFileSync(stamp, wanted);
  });
}

function fingerprint(sources) {
  const hash = createHash('sha256');
  const visit = (file) => {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isDirectory()) {
      for (const name of fs.readdirSync(file).sort()) visit(path.join(file, name));
    } else if (/\.(tsx?|json|js|css|html|svg)$/.test(file)) {
      hash.update(`${path.relative(root, file)} ${stat.mtimeMs} ${stat.size}\n`);
    }
  };
  for (const name of sources) visit(path.join(root, name));
  return hash.digest('hex');
}

/** One preparation at a time per checkout: two commands started together must not both run npm ci or write dist/. */
function locked(work) {
  const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const file = path.join(os.tmpdir(), `presage-prepare-${id}.lock`);
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isGone(Number(read(file)))) fs.rmSync(file, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  const release = () => fs.rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}

function isGone(pid) {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function timed(command, args) {
  const begin = process.hrtime.bigint();
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  return { status, seconds: (Number(process.hrtime.bigint() - begin) / 1e9).toFixed(1) };
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Runs `main(argv)` of a compiled module; its number, if it gives one, is the exit status. */
async function runMain(module, argv) {
  const { main } = require(path.join(root, 'dist', module));
  if (typeof main !== 'function') fail(`${module} has no main(argv) to run.`);
  const status = await main(argv);
  if (typeof status === 'number') process.exitCode = status;
}

module.exports = { root, fail, requireNode, packagesMissing, ensurePackages, ensureBuilt, runMain };
