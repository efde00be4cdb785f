import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../../../workers/all/process/run-command';
import { canReach, launchWithMounts, type SystemUser } from '../../../workers/all/services/unprivileged';

const NOBODY: SystemUser = { name: 'nobody', uid: 65534, gid: 65534 };
const asRoot = process.getuid?.() === 0 ? it : it.skip;

describe('programs of another user', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'presage-user-'));
    chmodSync(folder, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('can reach what every folder above lets through', () => {
    mkdirSync(path.join(folder, 'open'), { mode: 0o711 });
    mkdirSync(path.join(folder, 'closed'), { mode: 0o700 });
    expect(canReach(path.join(folder, 'open', 'x'), NOBODY)).toBe(true);
    expect(canReach(path.join(folder, 'closed', 'x'), NOBODY)).toBe(false);
  });

  asRoot('see a folder they cannot reach at a place they can', async () => {
    const closed = path.join(folder, 'closed');
    const place = path.join(folder, 'place');
    mkdirSync(path.join(closed, 'data'), { recursive: true, mode: 0o755 });
    mkdirSync(place);
    writeFileSync(path.join(closed, 'data', 'it is'), 'here');
    chmodSync(closed, 0o700);
    const launch = launchWithMounts(NOBODY, [[path.join(closed, 'data'), place]], 'sh', [
      '-c',
      'id -u; cat "$1/it is"; cat "$2" 2>&1 || true',
      'sh',
      place,
      path.join(closed, 'data', 'it is'),
    ]);
    const said = await runCommand(launch.command, launch.args, { cwd: '/' });
    expect(said.split('\n').slice(0, 1)).toEqual(['65534']);
    expect(said).toContain('here');
    expect(said).toContain('Permission denied');
    // The mount was the command's alone.
    await expect(runCommand('test', ['-e', path.join(place, 'it is')])).rejects.toThrow('status 1');
  });
});
