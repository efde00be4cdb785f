import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProcessDriver } from '../../../../drivers/sandbox/process/process-driver';
import { describeSandboxContract } from '../sandbox-contract';

const log = { info: () => undefined, warn: () => undefined };

describeSandboxContract('process', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'presage-process-'));
  const options = { runDir: path.join(root, 'run'), cacheDir: path.join(root, 'cache'), gatewayUrl: null, log };
  const functions = path.join(__dirname, '../contract-function');
  return Promise.resolve({
    driver: createProcessDriver(options),
    another: () => createProcessDriver(options),
    codeDirs: { node: path.join(functions, 'node'), python: path.join(functions, 'python') },
    stateDirs: [options.runDir],
    close: async () => {
      const left = execFileSync('sh', ['-c', `grep -l "${root}" /proc/[0-9]*/environ 2>/dev/null; true`]).toString();
      await rm(root, { recursive: true, force: true });
      expect(left).toBe('');
    },
  });
});
