#!/usr/bin/env node
'use strict';
// npm start, npm run stop, npm run doctor: prepares the checkout, then hands over to the supervisor.
const { ensureBuilt, ensurePackages, requireNode, runMain } = require('./prepare');

requireNode();
ensurePackages();
ensureBuilt();
void runMain('workers/all/all-command', process.argv.slice(2));
