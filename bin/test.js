#!/usr/bin/env node
'use strict';
// npm test: sets up what the tests need, then runs Jest's five projects; the last line is `N passed, N failed`.
// npm test -- --unit PATTERN runs one project only; everything that is not --unit, --integration, --e2e, --console, --kubernetes goes to Jest.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ensureBuilt, ensurePackages, fail, requireNode, root } = require('./prepare');

const PROJECTS = ['unit', 'integration', 'e2e', 'console', 'kubernetes'];
const given = process.argv.slice(2);
const chosen = PROJECTS.filter((project) => given.includes(`--${project}`));
const wanted = chosen.length > 0 ? chosen : PROJECTS;
const withoutKubernetes = process.env.PRESAGE_SKIP_KUBERNETES === '1' && wanted.includes('kubernetes');
const projects = wanted.filter((project) => project !== 'kubernetes' || !withoutKubernetes);
if (withoutKubernetes) process.stdout.write('kubernetes: skipped, because PRESAGE_SKIP_KUBERNETES=1\n');
const jestArgs = given.filter((argument) => !PROJECTS.includes(argument.replace(/^--/, '')));

requireNode();
ensurePackages();
if (projects.some((project) => project !== 'unit')) {
  // End-to-end tests run the compiled processes; integration tests need the real servers and tools.
  ensureBuilt();
  const browser = projects.includes('console') ? ['--browser'] : [];
  const { status } = run([path.join(root, 'bin', 'start.js'), '--setup', ...browser]);
  if (status !== 0) fail('The prerequisites of the tests could not be set up; the reason is above.');
}

/** More broken files than these are no accident. */
const MOST_AGAIN = 3;
const unsteady = [];
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'presage-test-'));
main().then(
  (failed) => (process.exitCode = failed === 0 ? 0 : 1),
  (error) => fail(String(error)),
);

async function main() {
  let passed = 0;
  let failed = 0;
  // Takes minutes of both cores from nothing, which the tests before leave for the most part unused.
  const kubernetes = projects.includes('kubernetes') ? buildKubernetes() : null;
  try {
    for (const project of projects) {
      const built = project !== 'kubernetes' || (await kubernetes.built());
      const result = built ? runProject(project) : { passed: 0, failed: 1, seconds: 0 };
      passed += result.passed;
      failed += result.failed;
      process.stdout.write(
        `${project}: ${result.passed} passed, ${result.failed} failed in ${result.seconds.toFixed(0)} s\n`,
      );
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
  if (withoutKubernetes) process.stdout.write('kubernetes: skipped (PRESAGE_SKIP_KUBERNETES=1)\n');
  for (const file of unsteady) process.stdout.write(`unsteady: ${file} failed, and passed when it ran again alone\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed;
}

/** Begins to build, behind everything else, what the Kubernetes tests need. `built` waits, with progress, and says whether it went well. */
function buildKubernetes() {
  const log = path.join(scratch, 'kubernetes-build.log');
  const output = fs.openSync(log, 'w');
  const command = [path.join(root, 'bin', 'run.js'), 'bench/kubernetes-command', 'build', 'tests'];
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', output, output] });
  os.setPriority(child.pid, 19);
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code === 0)));
  let shown = 0;
  const show = () => {
    const text = fs.readFileSync(log, 'utf8');
    process.stdout.write(text.slice(shown));
    shown = text.length;
  };
  return {
    async built() {
      show();
      const progress = setInterval(show, 2_000);
      const good = await ended;
      clearInterval(progress);
      show();
      return good;
    },
  };
}

/** In a run of everything a failed file gets a second try alone: it tells an unsteady test, which is named at the end, from a fault. */
function runProject(project) {
  const begin = Date.now();
  const first = runJest(project, jestArgs);
  const again = jestArgs.length === 0 && first.broken.length <= MOST_AGAIN ? first.broken : [];
  let { passed, failed } = first;
  for (const { file, passes, failures } of again) {
    process.stdout.write(`${file} failed; it runs again alone\n`);
    const second = runJest(project, ['--runTestsByPath', file]);
    if (second.failed > 0) continue;
    unsteady.push(file);
    passed += second.passed - passes;
    failed -= failures;
  }
  return { passed, failed, seconds: (Date.now() - begin) / 1000 };
}

function runJest(project, more) {
  const report = path.join(scratch, `${project}.json`);
  const args = ['--passWithNoTests', '--json', `--outputFile=${report}`, ...more, '--selectProjects', project];
  // Real servers share two cores and some machine-wide things: one file at a time. Unit tests have every core; Jest would spare one.
  args.push(project === 'unit' ? '--maxWorkers=100%' : '--runInBand');
  fs.rmSync(report, { force: true });
  const { status } = run([path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...args]);
  return counts(report, status);
}

/** A file that could not even be loaded, or Jest itself failing, counts as one failed test. */
function counts(report, status) {
  let result;
  try {
    result = JSON.parse(fs.readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, broken: [] };
  }
  const failures = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const broken = result.testResults
    .filter((suite) => suite.status === 'failed')
    .map(({ name, assertionResults }) => {
      const having = (end) => assertionResults.filter((test) => test.status === end).length;
      return { file: path.relative(root, name), passes: having('passed'), failures: Math.max(1, having('failed')) };
    });
  return { passed: result.numPassedTests, failed: failures === 0 && status !== 0 ? 1 : failures, broken };
}

/** Jest writes its JSON to the file and its report to the terminal. */
function run(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}
