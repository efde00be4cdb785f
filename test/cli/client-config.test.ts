import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findClientConfig, type ClientFlags } from '../../cli/client-config';
import type { Terminal } from '../../cli/terminal';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'presage-config-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const write = async (file: string, value: unknown): Promise<void> => {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
};
const find = (flags: ClientFlags = {}, env: Record<string, string> = {}, cwd = path.join(root, 'a/b/c')) => {
  const { url, apiKey, tenant } = findClientConfig({ env, cwd, home: path.join(root, 'home') } as Terminal, flags);
  return { url, apiKey, tenant };
};

test('without anything it is the platform of this machine', () => {
  expect(find()).toEqual({ url: 'http://127.0.0.1:8080', apiKey: null, tenant: null });
});

test('flags come before the environment, the nearest client.json and the login', async () => {
  await write(path.join(root, 'home/.config/presage/client.json'), {
    url: 'http://login',
    apiKey: 'k-login',
    tenant: 't',
  });
  expect(find()).toEqual({ url: 'http://login', apiKey: 'k-login', tenant: 't' });
  await write(path.join(root, 'a/.presage/client.json'), { url: 'http://far', apiKey: 'k-far' });
  expect(find()).toEqual({ url: 'http://far', apiKey: 'k-far', tenant: null });
  await write(path.join(root, 'a/b/.presage/client.json'), { url: 'http://near/', apiKey: 'k-near' });
  expect(find()).toEqual({ url: 'http://near', apiKey: 'k-near', tenant: null });
  const env = { PRESAGE_URL: 'http://env', PRESAGE_API_KEY: 'k-env', PRESAGE_TENANT: 't-env' };
  expect(find({}, env)).toEqual({ url: 'http://env', apiKey: 'k-env', tenant: 't-env' });
  const flags = { url: 'http://flag', apiKey: 'k-flag', tenant: 't-flag' };
  expect(find(flags, env)).toEqual({ url: 'http://flag', apiKey: 'k-flag', tenant: 't-flag' });
});

test("a file's key goes to its own address only", async () => {
  await write(path.join(root, '.presage/client.json'), { url: 'http://home:1', apiKey: 'k' });
  expect(find({ url: 'http://stranger:1' }).apiKey).toBeNull();
  expect(find({ url: 'http://home:1/' }).apiKey).toBe('k');
  expect(find({}, { PRESAGE_API_KEY: 'k-env' })).toMatchObject({ url: 'http://home:1', apiKey: 'k-env' });
});

test.each(['not json', '{"apiKey": "k"}', '{"url": "nonsense"}'])('a broken file is said to be: %s', async (text) => {
  await write(path.join(root, '.presage/client.json'), text);
  expect(() => find()).toThrow(
    expect.objectContaining({ code: 'invalid_argument', hint: expect.any(String) as string }) as Error,
  );
});
