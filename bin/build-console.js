'use strict';
// Builds the console into dist/console with Vite, and lays a .br and a .gz beside each file that gets smaller by it, so
// that no gateway compresses anything.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');

const root = path.resolve(__dirname, '..');
const OUT = path.join(root, 'dist', 'console');
const TEXT = /\.(html|js|css|svg|json)$/;

/** @returns whether it went well; what is wrong is on stderr then */
function buildConsole() {
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--config', path.join(root, 'console', 'vite.config.mts'), '--logLevel', 'warn'];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) compressBelow(OUT);
  return status === 0;
}

function compressBelow(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) compressBelow(file);
    else if (TEXT.test(entry.name)) compress(file);
  }
}

function compress(file) {
  const plain = fs.readFileSync(file);
  const packed = { '.gz': zlib.gzipSync(plain, { level: 9 }), '.br': zlib.brotliCompressSync(plain) };
  for (const [ending, bytes] of Object.entries(packed)) {
    if (bytes.length < plain.length) fs.writeFileSync(file + ending, bytes);
  }
}

process.exitCode = buildConsole() ? 0 : 1;
