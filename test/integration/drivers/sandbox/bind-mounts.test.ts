import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { BindMounts, removeWithMounts } from '../../../../drivers/sandbox/runc/bind-mounts';

test('who deletes a dead agent’s folder does not empty what it shows', async () => {
  const root = mkdtempSync('/dev/shm/presage-mounts-');
  const [source, shown] = [path.join(root, 'source'), path.join(root, 'run/m')];
  for (const folder of [source, shown]) mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(source, 'kept'), 'kept');
  await new BindMounts(shown).acquire(source);
  await expect(rm(path.join(root, 'run'), { recursive: true, force: true })).rejects.toThrow(/EROFS|EBUSY/);
  await removeWithMounts(path.join(root, 'run'));
  expect(existsSync(path.join(root, 'run'))).toBe(false);
  expect(existsSync(path.join(source, 'kept'))).toBe(true);
  await rm(root, { recursive: true });
});
