import { randomBytes } from 'node:crypto';
import { masterKeyId } from '../../../core/crypto/data-key';
import { rewrapSecrets } from '../../../drivers/secrets/rewrap-secrets';
import { SecretVault } from '../../../drivers/secrets/secret-vault';
import { createMemoryStore, type MemoryStore } from '../../fakes/memory-store';

/** "a password" as `db` of acme, sealed under the master key 03…03 before there were data keys. */
const BEFORE = Buffer.from('01090909090909090909090909d6410ad79e67e1016a8c1df6121e727d9acb936bf53dc61d4a8f', 'hex');
const first = Buffer.alloc(32, 3);
const second = randomBytes(32);
const all = { newDataKeys: false };
let store: MemoryStore;
beforeEach(async () => {
  store = createMemoryStore();
  await store.ensureTenant('acme');
  await store.ensureTenant('rival');
});

test('each tenant has a data key of its own, and the store sees no value and no key', async () => {
  const vault = new SecretVault(store, { current: first, previous: [] });
  await Promise.all([vault.put('acme', 'db', 'hunter2'), vault.put('acme', 'api', 'swordfish')]);
  await vault.put('rival', 'db', 'hunter2');
  const again = new SecretVault(store, { current: first, previous: [] });
  expect(await again.read('acme', ['db', 'api', 'absent'])).toEqual(new Map([['db', 'hunter2'], ['api', 'swordfish']])); // prettier-ignore
  const [acme, ...more] = await store.dataKeys('acme');
  const [rival] = await store.dataKeys('rival');
  expect(more).toEqual([]);
  expect(acme && rival && vault.unwrap(acme).equals(vault.unwrap(rival))).toBe(false);
  const box = (await store.readSecrets('acme', ['db'])).get('db') ?? Buffer.alloc(0);
  expect(box.includes('hunter2')).toBe(false);
  await store.putSecret('rival', 'db', box);
  await expect(again.read('rival', ['db'])).rejects.toMatchObject({ code: 'internal' });
});

test('a new master key: read by the old one until the rewrap, by the new one alone after it', async () => {
  await new SecretVault(store, { current: first, previous: [] }).put('acme', 'api', 'swordfish');
  await store.putSecret('acme', 'db', BEFORE);
  await expect(new SecretVault(store, { current: second, previous: [] }).read('acme', ['api'])).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining(masterKeyId(first)) as string,
  });

  const turning = new SecretVault(store, { current: second, previous: [first] });
  expect((await turning.read('acme', ['api', 'db'])).get('db')).toBe('a password');
  const set = (await store.secrets('acme')).map(({ updatedAt }) => updatedAt);
  expect(await rewrapSecrets(store, turning, all)).toEqual({ dataKeys: 1, secrets: 1, failures: [] });
  expect(await rewrapSecrets(store, turning, all)).toEqual({ dataKeys: 0, secrets: 0, failures: [] });
  const after = new SecretVault(store, { current: second, previous: [] });
  expect(await after.read('acme', ['api', 'db'])).toEqual(new Map([['api', 'swordfish'], ['db', 'a password']])); // prettier-ignore
  expect((await store.secrets('acme')).map(({ updatedAt }) => updatedAt)).toEqual(set);
});

test('new data keys on demand, and a value that was set meanwhile is not put back', async () => {
  const vault = new SecretVault(store, { current: first, previous: [] });
  await vault.put('acme', 'api', 'old');
  await vault.put('acme', 'db', 'kept');
  const { resealSecret } = store;
  jest.spyOn(store, 'resealSecret').mockImplementation(async (tenant, name, from, to) => {
    if (name === 'api') await vault.put('acme', 'api', 'new');
    return resealSecret(tenant, name, from, to);
  });
  expect(await rewrapSecrets(store, vault, { newDataKeys: true })).toEqual({ dataKeys: 0, secrets: 1, failures: [] });
  expect((await store.dataKeys('acme')).map(({ version }) => version)).toEqual([2, 1]);
  expect(await vault.read('acme', ['api', 'db'])).toEqual(new Map([['api', 'new'], ['db', 'kept']])); // prettier-ignore
});

test('what cannot be opened is named and left as it is, and the others go on', async () => {
  await new SecretVault(store, { current: randomBytes(32), previous: [] }).put('acme', 'lost', 'x');
  const vault = new SecretVault(store, { current: second, previous: [first] });
  await vault.put('rival', 'fine', 'y');
  const report = await rewrapSecrets(store, vault, all);
  expect(report.failures.map(({ tenant, what }) => [tenant, what])).toEqual([
    ['acme', 'data key 1'],
    ['acme', 'secret lost'],
  ]);
  expect(await vault.read('rival', ['fine'])).toEqual(new Map([['fine', 'y']]));
});
