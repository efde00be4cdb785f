#!/usr/bin/env node
'use strict';
// npm run check: every static check, each timed; all run even when one fails.
const { spawnSync } = require('node:child_process');
const { ensurePackages, requireNode, root } = require('./prepare');

requireNode();
ensurePackages();

const CHECKS = [
  ['prettier', ['--check', '--log-level', 'warn', '.']],
  ['eslint', ['.']],
  ['tsc', ['--noEmit', '-p', '.']],
  ['tsc', ['-p', 'console'], 'tsc of the console'],
  ['depcruise', ['--config', '.dependency-cruiser.js', '.'], 'dependency-cruiser'],
  ['knip', []],
];

let failed = 0;
for (const [command, args, name = command] of CHECKS) {
  const begin = Date.now();
  const { status } = spawnSync('npx', ['--no-install', command, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) failed += 1;
  process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} ${((Date.now() - begin) / 1000).toFixed(1)} s\n`);
}
process.stdout.write(`checks: ${CHECKS.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
