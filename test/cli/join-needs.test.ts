import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkNeeds, type JoinFacts } from '../../cli/join-needs';
import { masterKeyId } from '../../core/crypto/data-key';
import { blobName } from '../../core/archive/blob-name';

const KEY = Buffer.alloc(32, 7);
const BLOB = `sha256:${'ab'.repeat(32)}`;

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'needs-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function missing(change: Partial<JoinFacts> = {}): Promise<Record<string, string | null>> {
  const facts = { folder, postgres: undefined, masterKey: undefined, relay: '192.0.2.7:7444', masterKeyId: masterKeyId(KEY), blob: BLOB }; // prettier-ignore
  const needs = await checkNeeds({ ...facts, ...change });
  return Object.fromEntries(needs.map((need) => [need.what, need.missing]));
}

test('with nothing at hand everything is told, with how to mend it', async () => {
  expect(await missing()).toEqual({
    postgres: expect.stringContaining('--postgres URL') as string,
    blobs: expect.stringContaining('share its blobs folder') as string,
    'master key': expect.stringContaining('--master-key FILE') as string,
    relay: null,
  });
});

test('the image store is known by a blob that the platform has put there', async () => {
  const file = path.join(folder, 'blobs', ...(blobName(BLOB) ?? []));
  await mkdir(path.join(folder, 'blobs'));
  expect((await missing())['blobs']).toContain('is not the image store of the platform');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, '');
  expect((await missing())['blobs']).toBeNull();
});

test('the master key must be there, and be that of the platform', async () => {
  const masterKey = path.join(folder, 'master.key');
  expect((await missing({ masterKey }))['master key']).toContain('cannot be read');
  await writeFile(masterKey, Buffer.alloc(32, 8).toString('hex'));
  expect((await missing({ masterKey }))['master key']).toContain('is not that of the platform');
  await writeFile(masterKey, `${KEY.toString('hex')}\n`);
  expect((await missing({ masterKey }))['master key']).toBeNull();
});

test('a database that does not answer is told, and an address that nobody can reach', async () => {
  const told = await missing({ postgres: 'postgres://127.0.0.1:1/presage', relay: '0.0.0.0:7444' });
  expect(told['postgres']).toMatch(/cannot be reached from here.*ECONNREFUSED/);
  expect(told['relay']).toContain('no host that gateways can reach');
});
