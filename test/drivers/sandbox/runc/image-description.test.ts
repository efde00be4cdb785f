import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  imageBytes,
  readImageDescription,
  writeImageDescription,
} from '../../../../drivers/sandbox/runc/image-description';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-files-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('an image’s description is read back, anything else is a failed restore', async () => {
  const description = { version: 1, output: 'pipe:[1]', errors: null, tmp: false } as const;
  await writeImageDescription(folder, description);
  expect(readImageDescription(folder)).toEqual(description);
  expect(await imageBytes(folder)).toBeGreaterThan(10);
  writeFileSync(path.join(folder, 'presage.json'), '{"version":2}');
  expect(() => readImageDescription(folder)).toThrow(expect.objectContaining({ code: 'restore_failed' }));
});
