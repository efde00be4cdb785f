#!/usr/bin/env node
'use strict';
// The command line tool. It must answer at once, so it looks for changed sources only when there is no build at all.
const fs = require('node:fs');
const path = require('node:path');

if (!fs.existsSync(path.join(__dirname, '..', 'dist', '.stamp'))) {
  const { ensureBuilt, ensurePackages, requireNode } = require('./prepare');
  requireNode();
  ensurePackages();
  ensureBuilt();
}
void require('./prepare').runMain('cli/presage', process.argv.slice(2));
