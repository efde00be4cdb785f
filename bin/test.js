#!/usr/bin/env node
'use strict';
// npm test: sets up what the tests need, then runs Jest's five projects; the last line is `N passed, N failed`.
// npm test -- --unit PATTERN runs one project only; everything that is not --unit, --integration, --e2e, --console, --kubernetes goes to Jest.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ensureBuilt, ensurePackages, fail, requireNode, root } = require('./prepare');

/**
 * Stages follow each other; the lanes of a stage run at once, the projects of a lane one after another. Unit tests keep all cores
 * busy. Those with real servers wait for the most part, and each is at home in folders, ports and networks of its own.
 */
const STAGES = [
  [['unit']],
  [
    ['e2e', 'console'],
    ['integration', 'kubernetes'],
  ],
];
const PROJECTS = STAGES.flat(2);
const given = process.argv.slice(2);
const chosen = PROJECTS.filter((project) => given.includes(`--${project}`));
const wanted = chosen.length > 0 ? chosen : PROJECTS;
const withoutKubernetes = process.env.PRESAGE_SKIP_KUBERNETES === '1' && wanted.includes('kubernetes');
const projects = wanted.filter((project) => project !== 'kubernetes' || !withoutKubernetes);
if (withoutKubernetes) process.stdout.write('kubernetes: skipped, because PRESAGE_SKIP_KUBERNETES=1\n');
const jestArgs = given.filter((argument) => !PROJECTS.includes(argument.replace(/^--/, '')));

requireNode();
ensurePackages();
/** More broken files than these are no accident. */
const MOST_AGAIN = 3;
const NOT_BUILT = { passed: 0, failed: 1, broken: [] };
const unsteady = [];
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'presage-test-'));
main().then(
  (failed) => (process.exitCode = failed === 0 ? 0 : 1),
  (error) => fail(String(error)),
);

async function main() {
  if (projects.some((project) => project !== 'unit')) await setUp();
  // Takes minutes of both cores from nothing, which the tests before leave for the most part unused.
  const kubernetes = projects.includes('kubernetes') ? buildKubernetes() : null;
  const results = [];
  try {
    for (const lanes of STAGES.map(wantedLanes).filter((lanes) => lanes.length > 0)) {
      await Promise.all(
        lanes.map(async (lane) => {
          for (const project of lane) {
            const built = project !== 'kubernetes' || (await kubernetes.built());
            results.push(built ? await runProject(project, lanes.length > 1) : { ...NOT_BUILT, project });
          }
        }),
      );
    }
    for (const result of results) await runAgain(result);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
  if (withoutKubernetes) process.stdout.write('kubernetes: skipped (PRESAGE_SKIP_KUBERNETES=1)\n');
  for (const file of unsteady) process.stdout.write(`unsteady: ${file} failed, and passed when it ran again alone\n`);
  const sum = (what) => results.reduce((total, result) => total + result[what], 0);
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`);
  return sum('failed');
}

/** What was asked for of a stage, without the lanes of which nothing was. */
function wantedLanes(lanes) {
  return lanes.map((lane) => lane.filter((project) => projects.includes(project))).filter((lane) => lane.length > 0);
}

/** End-to-end tests run the compiled processes; integration tests need the real servers and tools. */
async function setUp() {
  ensureBuilt();
  const browser = projects.includes('console') ? ['--browser'] : [];
  const status = await run([path.join(root, 'bin', 'start.js'), '--setup', ...browser]);
  if (status !== 0) fail('The prerequisites of the tests could not be set up; the reason is above.');
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

async function runProject(project, besideOthers) {
  const begin = Date.now();
  const result = await runJest(project, jestArgs, besideOthers);
  const seconds = ((Date.now() - begin) / 1000).toFixed(0);
  process.stdout.write(`${project}: ${result.passed} passed, ${result.failed} failed in ${seconds} s\n`);
  return { ...result, project };
}

/** In a run of everything a failed file gets a second try alone: it tells an unsteady test, which is named at the end, from a fault. */
async function runAgain(result) {
  if (jestArgs.length > 0 || result.broken.length > MOST_AGAIN) return;
  for (const { file, passes, failures } of result.broken) {
    process.stdout.write(`${file} failed; it runs again alone\n`);
    const second = await runJest(result.project, ['--runTestsByPath', file], false);
    if (second.failed > 0) continue;
    unsteady.push(file);
    result.passed += second.passed - passes;
    result.failed -= failures;
  }
}

async function runJest(project, more, besideOthers) {
  const report = path.join(scratch, `${project}.json`);
  const args = ['--passWithNoTests', '--json', `--outputFile=${report}`, ...more, '--selectProjects', project];
  // One file with real servers at a time in a lane. Unit tests have every core; Jest would spare one.
  args.push(project === 'unit' ? '--maxWorkers=100%' : '--runInBand');
  fs.rmSync(report, { force: true });
  const command = [path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...args];
  return counts(report, await run(command, besideOthers ? 'pipe' : 'inherit'));
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

/** Jest writes its JSON to the file and its report to the terminal. Resolves to the exit status. */
function run(args, output = 'inherit') {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', output, output] });
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) showLines(stream);
  return new Promise((resolve) => child.once('close', resolve));
}

/** Two that write at once keep to whole lines. */
function showLines(stream) {
  let begun = '';
  stream.setEncoding('utf8').on('data', (text) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) process.stdout.write(begun + text.slice(0, end));
    begun = end > 0 ? text.slice(end) : begun + text;
  });
  stream.once('end', () => process.stdout.write(begun));
}
