import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CheckpointCatalog } from '../../../agent/revision/checkpoint-catalog';

const warnings: string[] = [];
const log = {
  info: () => undefined,
  warn: (_: object, text: string) => void warnings.push(text),
  error: () => undefined,
};
let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'catalog-'))));
afterEach(async () => {
  // What waits to be written would make the folder anew.
  await Promise.all(catalogs.splice(0).map((catalog) => catalog.flush()));
  await rm(folder, { recursive: true });
});

const catalogs: CheckpointCatalog[] = [];
function openCatalog(): CheckpointCatalog {
  const catalog = new CheckpointCatalog(folder, log);
  catalogs.push(catalog);
  return catalog;
}

const checkpoint = (checkpointId: string) => ({
  checkpointId,
  revisionId: 'rev',
  tenant: 't',
  function: 'f',
  revision: 1,
  codeDigest: 'sha256:0',
  hostKey: 'host',
  digest: 'sha256:1',
});

describe('CheckpointCatalog', () => {
  it('outlives the agent, quarantine included', async () => {
    const before = openCatalog();
    await before.publish(checkpoint('one'));
    expect(before.failed('one', false)).toBe(false);
    expect(before.failed('one', false)).toBe(true);
    expect(before.failed('one', false)).toBe(false);
    await before.flush();
    const after = openCatalog();
    await after.open();
    expect(after.usable('rev', 'host')).toBeNull();
    expect(after.find('rev')).toMatchObject({ checkpointId: 'one', failures: 2 });
    await after.publish(checkpoint('one'));
    expect(after.usable('rev', 'host')).toBeNull();
    await after.publish(checkpoint('two'));
    expect(after.usable('rev', 'host')).toMatchObject({ checkpointId: 'two' });
  });

  it('offers a checkpoint only to the host that can restore it', async () => {
    const catalog = openCatalog();
    await catalog.publish(checkpoint('one'));
    expect(catalog.usable('rev', 'another kernel')).toBeNull();
    expect(catalog.usable('other', 'host')).toBeNull();
    expect(await catalog.drop('one')).toMatchObject({ revisionId: 'rev' });
    expect(await catalog.drop('one')).toBeNull();
    expect(catalog.usable('rev', 'host')).toBeNull();
  });

  it('keeps what is learnt of a hook, before and after it is published', async () => {
    const catalog = openCatalog();
    catalog.learned('one', false);
    await catalog.publish(checkpoint('one'));
    expect(catalog.find('rev')).toMatchObject({ afterRestore: false });
    await catalog.publish(checkpoint('two'));
    expect(catalog.find('rev')).toMatchObject({ afterRestore: null });
    catalog.learned('two', true);
    await catalog.publish(checkpoint('two'));
    await catalog.flush();
    const after = openCatalog();
    await after.open();
    expect(after.find('rev')).toMatchObject({ checkpointId: 'two', afterRestore: true });
  });

  it('gives up at once what can never be restored', async () => {
    const catalog = openCatalog();
    await catalog.publish(checkpoint('one'));
    expect(catalog.failed('one', true)).toBe(true);
    expect(catalog.usable('rev', 'host')).toBeNull();
  });

  it('starts empty, with a warning, over a file that is damaged', async () => {
    await writeFile(path.join(folder, 'checkpoints.json'), '[{"half');
    const catalog = openCatalog();
    await catalog.open();
    expect(catalog.all()).toEqual([]);
    expect(warnings).toEqual(['a state file cannot be read; starting without it']);
    await catalog.publish(checkpoint('one'));
    expect(JSON.parse(await readFile(path.join(folder, 'checkpoints.json'), 'utf8'))).toHaveLength(1);
  });
});
