#!/usr/bin/env node
'use strict';
// npm run crds: writes deploy/chart/crds anew from the schemas of core/. A unit test tells when that has been forgotten.
const fs = require('node:fs');
const path = require('node:path');
const { ensureBuilt, ensurePackages, requireNode, root } = require('./prepare');

requireNode();
ensurePackages();
ensureBuilt();
const { customResourceFiles } = require('../dist/cli/custom-resource-files');

const folder = path.join(root, 'deploy', 'chart', 'crds');
fs.mkdirSync(folder, { recursive: true });
void customResourceFiles().then((files) => {
  for (const [name, text] of files) fs.writeFileSync(path.join(folder, name), text);
  process.stdout.write(`${[...files.keys()].map((name) => `deploy/chart/crds/${name}\n`).join('')}`);
});
