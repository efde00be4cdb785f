'use strict';
/** Copies the TypeScript compiler that this project is built with into the function's folder, so that it needs nothing from outside. */
const fs = require('node:fs');
const path = require('node:path');

const target = path.join(__dirname, 'vendor', 'typescript');
const source = path.dirname(require.resolve('typescript/package.json'));
const { version } = require('typescript/package.json');
const stamp = path.join(target, 'VERSION');

if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== version) {
  const draft = `${target}-${process.pid}`;
  fs.mkdirSync(path.join(draft, 'lib'), { recursive: true });
  fs.copyFileSync(path.join(source, 'LICENSE.txt'), path.join(draft, 'LICENSE.txt'));
  for (const name of fs.readdirSync(path.join(source, 'lib'))) {
    // the compiler, and the declarations of the language and of what a server has too (console, fetch, URL): no DOM
    if (name === 'typescript.js' || /^lib\.((es|decorators).*|webworker)\.d\.ts$/.test(name)) {
      fs.copyFileSync(path.join(source, 'lib', name), path.join(draft, 'lib', name));
    }
  }
  fs.writeFileSync(path.join(draft, 'VERSION'), version);
  fs.rmSync(target, { recursive: true, force: true });
  try {
    fs.renameSync(draft, target);
  } catch (error) {
    if (!fs.existsSync(stamp)) throw error; // another run was faster
    fs.rmSync(draft, { recursive: true, force: true });
  }
}
