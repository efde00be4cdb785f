import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createRuncDriver } from '../../../../drivers/sandbox/runc/runc-driver';
import { cacheDir } from '../../../../workers/cache-dir';
import { describeSandboxContract } from '../../../drivers/sandbox/sandbox-contract';

const log = { info: () => undefined, warn: () => undefined };

describeSandboxContract('runc', () => {
  const root = mkdtempSync('/dev/shm/presage-runc-');
  const options = {
    runDir: path.join(root, 'run'),
    cacheDir: cacheDir(),
    subnet: '10.203.0.0/16',
    slots: 4,
    gateway: null,
    log,
  };
  const functions = path.join(__dirname, '../../../drivers/sandbox/contract-function');
  cpSync(functions, path.join(root, 'code'), { recursive: true });
  mkdirSync(options.runDir);
  return Promise.resolve({
    driver: createRuncDriver(options),
    another: () => createRuncDriver(options),
    codeDirs: { node: path.join(root, 'code/node'), python: path.join(root, 'code/python') },
    stateDirs: ['i', 's', 'runc'].map((name) => path.join(options.runDir, name)),
    imageDir: path.join(root, 'images'),
    close: () => rm(root, { recursive: true, force: true }),
  });
});
