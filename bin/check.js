#!/usr/bin/env node
'use strict';
// npm run check: every static check, each timed; all run even when one fails.
const { spawn } = require('node:child_process');
const { ensurePackages, requireNode, root } = require('./prepare');

requireNode();
ensurePackages();

const CHECKS = [
  // The longest first.
  ['eslint', ['.']],
  ['prettier', ['--check', '--log-level', 'warn', '.']],
  ['tsc', ['--noEmit', '-p', '.']],
  ['tsc', ['-p', 'console'], 'tsc of the console'],
  ['depcruise', ['--config', '.dependency-cruiser.js', '.'], 'dependency-cruiser'],
  ['knip', []],
];

/** Two cores: two at once, of which each shows what it said when it has ended. */
const AT_ONCE = 2;

async function check([command, args, name = command]) {
  const begin = Date.now();
  const child = spawn('npx', ['--no-install', command, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const status = await new Promise((resolve) => child.once('close', resolve));
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  process.stdout.write(`${said}${status === 0 ? 'ok  ' : 'FAIL'} ${name} ${seconds} s\n`);
  return status === 0;
}

async function main() {
  const left = [...CHECKS];
  let failed = 0;
  const lane = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) if (!(await check(next))) failed += 1;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  process.stdout.write(`checks: ${CHECKS.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
