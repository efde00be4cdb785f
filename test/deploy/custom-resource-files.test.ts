import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { customResourceFiles } from '../../cli/custom-resource-files';

test('deploy/chart/crds is what the schemas make of it (npm run crds writes it anew)', async () => {
  const folder = path.join(__dirname, '../../deploy/chart/crds');
  const there = new Map(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
  expect(there).toEqual(await customResourceFiles());
});
