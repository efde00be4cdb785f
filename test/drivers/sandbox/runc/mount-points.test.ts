import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeMountPoints } from '../../../../drivers/sandbox/runc/mount-points';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-files-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('mount points are made inside the image, never through a link out of it', async () => {
  const outside = path.join(folder, 'outside');
  const root = path.join(folder, 'root');
  mkdirSync(outside);
  mkdirSync(root);
  symlinkSync(outside, path.join(root, 'run'));
  await expect(makeMountPoints(root)).rejects.toMatchObject({
    code: 'start_failed',
    message: expect.stringContaining('/run'),
  });
  rmSync(path.join(root, 'run'));
  await makeMountPoints(root);
  await makeMountPoints(root);
  expect(existsSync(path.join(root, 'var/runtime'))).toBe(true);
});
