'use strict';
// Entry of the sealing threads. Not compiled, so that one file serves the build and the tests: it loads the job's code
// from where the pool has it, and where that is a TypeScript source, compiles it on the way.
const { readFileSync } = require('node:fs');
const { setPriority } = require('node:os');
const { parentPort, workerData } = require('node:worker_threads');

if (workerData.module.endsWith('.ts')) {
  const { transformSync } = require('@swc/core');
  require.extensions['.ts'] = (module, filename) => {
    const { code } = transformSync(readFileSync(filename, 'utf8'), {
      filename,
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    module._compile(code, filename);
  };
}

// Of this thread alone: nobody waits for an image to be sealed, and the agent's own priority would go before functions.
setPriority(10);

const { runImageJob } = require(workerData.module);

parentPort.on('message', ({ task, port }) => {
  void runImageJob(task, port).then(() => parentPort.postMessage('free'));
});
