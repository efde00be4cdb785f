'use strict';
// Entry of a thread that does jobs. Not compiled, so that one file serves the build and the tests: it loads the job's code from
// where its owner has it, and where that is a TypeScript source, compiles it on the way.
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

// Of this thread alone: nobody waits for such work, and functions come first.
setPriority(10);

const { runJob } = require(workerData.module);

const log = (line) => parentPort.postMessage({ line });
let last = Promise.resolve();
parentPort.on('message', ({ id, job }) => {
  last = last.then(async () => parentPort.postMessage({ id, ...(await runJob(job, log)) }));
});
