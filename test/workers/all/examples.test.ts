import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeployedExamples, exampleFolders } from '../../../workers/all/examples';

describe('examples', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-examples-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are the folders with a manifest, also nested, not those of packages', () => {
    for (const name of ['hello', 'chain/cart', 'hello/node_modules/x', 'notes']) {
      mkdirSync(path.join(folder, name), { recursive: true });
      if (name !== 'notes') writeFileSync(path.join(folder, name, 'function.yaml'), '');
    }
    expect(exampleFolders(folder)).toEqual([path.join(folder, 'chain/cart'), path.join(folder, 'hello')]);
    expect(exampleFolders(path.join(folder, 'absent'))).toEqual([]);
  });

  it('are remembered per data folder', () => {
    const first = new DeployedExamples(folder);
    expect(first.has('/examples/hello')).toBe(false);
    first.add('/examples/hello');
    first.add('/examples/hello');
    expect(new DeployedExamples(folder).has('/examples/hello')).toBe(true);
    expect(new DeployedExamples(folder).has('/examples/other')).toBe(false);
  });
});
