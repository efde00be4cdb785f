'use strict';
// A process that opens a sealed image whose end never comes: node half-load.js FILE TARGET DIGEST. Says when it waits.
const { readFileSync } = require('node:fs');
const path = require('node:path');

const [file, targetDir, digest] = process.argv.slice(2);
const project = path.join(__dirname, '..', '..', '..');
const { transformSync } = require('@swc/core');
require.extensions['.ts'] = (module, filename) => {
  const options = { filename, swcrc: false, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } };
  module._compile(
    transformSync(readFileSync(filename, 'utf8'), { ...options, module: { type: 'commonjs' } }).code,
    filename,
  );
};
const { deriveTenantKeys } = require(path.join(project, 'core/crypto/tenant-keys.ts'));
const { openImage } = require(path.join(project, 'agent/checkpoint/open-image.ts'));

const meta = { tenant: 'acme', revisionId: 'r1', codeDigest: 'sha256:aa', hostKey: 'linux-6' };
const keys = deriveTenantKeys(Buffer.alloc(32, 1), 'acme');
async function* source() {
  yield readFileSync(file);
  process.stdout.write('waiting\n');
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}
void openImage({ targetDir, checkpointId: 'c1', meta, digest, keys }, source());
