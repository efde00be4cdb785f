#!/usr/bin/env node
'use strict';
// node bin/run.js MODULE ARGS…: runs main(argv) of a module given relative to the project's root, without extension.
const { ensureBuilt, ensurePackages, fail, requireNode, runMain } = require('./prepare');

const [module_, ...argv] = process.argv.slice(2);
if (!module_ || !/^[\w][\w/-]*$/.test(module_)) fail('Usage: node bin/run.js MODULE [ARGS…], e.g. bench/bench-command');
requireNode();
ensurePackages();
ensureBuilt();
void runMain(module_, argv);
