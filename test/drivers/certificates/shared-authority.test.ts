import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readAuthorityFiles } from '../../../drivers/certificates/authority-files';
import { ensureAuthority } from '../../../drivers/certificates/local-authority';
import { platformIdentity } from '../../../drivers/certificates/platform-identity';
import { SharedAuthority } from '../../../drivers/certificates/shared-authority';
import { SecretVault } from '../../../drivers/secrets/secret-vault';
import { createMemoryStore, type MemoryStore } from '../../fakes/memory-store';

const YEAR_MS = 365 * 86_400_000;
const ring = { current: randomBytes(32), previous: [] };
let store: MemoryStore;
let root: string;

beforeEach(async () => {
  store = createMemoryStore();
  await store.ensureTenant('default');
  root = await mkdtemp(path.join(tmpdir(), 'authority-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const folder = (name: string): string => path.join(root, name);
/** Of a process that has a folder of its own. */
const of = (name: string, now = Date.now): SharedAuthority =>
  new SharedAuthority({ store, vault: new SecretVault(store, ring), dataDir: folder(name), now });

test('processes with folders of their own have one authority, also where all make one at once', async () => {
  const names = ['a', 'b', 'c'];
  expect(await of('a').find()).toBeNull();
  const made = await Promise.all(names.map((name) => of(name).ensure()));
  expect(new Set(made.map(({ certificatePem }) => certificatePem)).size).toBe(1);
  const files = await Promise.all(names.map((name) => readAuthorityFiles(folder(name))));
  for (const each of files) expect(each).toEqual(files[0]);
  // The store alone is no good without the master key.
  expect((await store.authority())?.includes('PRIVATE KEY')).toBe(false);
  const stranger = new SharedAuthority({
    store,
    vault: new SecretVault(store, { current: randomBytes(32), previous: [] }),
    dataDir: folder('d'),
  });
  await expect(stranger.ensure()).rejects.toMatchObject({ code: 'internal' });
});

test('one that was made before it was shared becomes that of all', async () => {
  const { certificatePem } = await ensureAuthority(folder('old'));
  expect((await of('old').find())?.certificatePem).toBe(certificatePem);
  expect((await of('new').ensure()).certificatePem).toBe(certificatePem);
});

test('a certificate that is renewed by one process is shown by all', async () => {
  const [one, two] = [of('a', () => Date.now() - 4 * YEAR_MS), of('b')];
  await one.ensure();
  await two.ensure();
  const shown = async (name: string): Promise<string> => readFile(platformIdentity(folder(name))?.cert ?? '', 'utf8');
  const before = await shown('a');
  expect(await shown('b')).toBe(before);
  expect(await one.renew()).toBe(false);
  expect(await of('a').renew()).toBe(true);
  expect(await of('b').find()).not.toBeNull();
  const after = await shown('b');
  expect(after).toBe(await shown('a'));
  expect(after).not.toBe(before);
  expect(Date.parse(new X509Certificate(after).validTo)).toBeGreaterThan(Date.parse(new X509Certificate(before).validTo)); // prettier-ignore
  expect(await two.renew()).toBe(false);
});
