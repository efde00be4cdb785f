import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readInstanceState, writeInstanceState } from '../../../../drivers/sandbox/runc/instance-state-file';
import { testRunSpec } from '../run-spec';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-files-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('an instance’s state comes back without its secrets; a broken file is no state', async () => {
  const run = testRunSpec('nodejs', { secretEnv: { KEY: 'very secret' } });
  const state = {
    id: 'a',
    run,
    codeDir: '/c',
    base: null,
    cgroup: 'g',
    network: 'n',
    pid: 5,
    startTime: 6,
    mapped: true,
  };
  await writeInstanceState(folder, state);
  expect(readFileSync(path.join(folder, 'state.json'), 'utf8')).not.toContain('very secret');
  expect(readInstanceState(folder)).toEqual({ ...state, run: { ...run, secretEnv: {} } });
  writeFileSync(path.join(folder, 'state.json'), '{"id":"a"');
  expect(readInstanceState(folder)).toBeUndefined();
});
