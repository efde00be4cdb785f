import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureMasterKey } from '../../../drivers/secrets/master-key';
import { ensureMasterKeyring } from '../../../drivers/secrets/master-keyring';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'presage-key-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));
const keyFile = (): string => path.join(dataDir, 'secrets', 'master.key');

describe('ensureMasterKey', () => {
  it('makes a key of 32 bytes once, readable by its owner alone, and gives the same ever after', async () => {
    const first = await ensureMasterKey(dataDir, {});
    expect(first).toHaveLength(32);
    expect((await ensureMasterKey(dataDir, {})).equals(first)).toBe(true);
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(keyFile()))).mode & 0o777).toBe(0o700);
    expect((await readFile(keyFile(), 'utf8')).trim()).toBe(first.toString('hex'));
  });

  it('gives processes that start together one key, and leaves no other file', async () => {
    const keys = await Promise.all(Array.from({ length: 12 }, () => ensureMasterKey(dataDir, {})));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(await readdir(path.dirname(keyFile()))).toEqual(['master.key']);
  });

  it('prefers the environment, then the named file', async () => {
    const own = 'ab'.repeat(32);
    const named = path.join(dataDir, 'mounted');
    await writeFile(named, `${'cd'.repeat(32)}\n`, { mode: 0o440 });
    const env = { PRESAGE_MASTER_KEY: own, PRESAGE_MASTER_KEY_FILE: named };
    expect((await ensureMasterKey(dataDir, env)).toString('hex')).toBe(own);
    expect((await ensureMasterKey(dataDir, { PRESAGE_MASTER_KEY_FILE: named })).toString('hex')).toBe('cd'.repeat(32));
    expect(await readdir(dataDir)).toEqual(['mounted']);
  });

  it('refuses a file that others can read, and says how to mend it', async () => {
    await ensureMasterKey(dataDir, {});
    await chmod(keyFile(), 0o644);
    await expect(ensureMasterKey(dataDir, {})).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('mode 644'),
      hint: expect.stringContaining('chmod 600'),
    });
  });

  it.each(['', 'ab', 'xy'.repeat(32), 'ab'.repeat(33)])(
    'refuses the key file content %j without repeating it',
    async (text) => {
      await ensureMasterKey(dataDir, {});
      await writeFile(keyFile(), text, { mode: 0o600 });
      const error = await ensureMasterKey(dataDir, {}).catch((caught: Error) => caught);
      expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('64 hex digits') });
      if (text.length > 2) expect((error as Error).message).not.toContain(text);
    },
  );

  it('does not make a key in place of a named file that is missing', async () => {
    await expect(
      ensureMasterKey(dataDir, { PRESAGE_MASTER_KEY_FILE: path.join(dataDir, 'nowhere') }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('ensureMasterKeyring', () => {
  it('has the current key and those before it, from the environment, named files and the file beside it', async () => {
    const named = path.join(dataDir, 'old');
    await writeFile(named, 'cd'.repeat(32), { mode: 0o440 });
    const current = await ensureMasterKey(dataDir, {});
    await writeFile(`${keyFile()}.previous`, 'ef'.repeat(32), { mode: 0o600 });
    const env = { PRESAGE_MASTER_KEY_PREVIOUS: `${'ab'.repeat(32)}, ${current.toString('hex')}` };
    const ring = await ensureMasterKeyring(dataDir, { previousKeyFiles: [named] }, env);
    expect(ring.current.equals(current)).toBe(true);
    expect(ring.previous.map((key) => key.toString('hex').slice(0, 2))).toEqual(['ab', 'cd', 'ef']);
  });

  it('takes the key file of the configuration, and refuses a previous key that is none without repeating it', async () => {
    const named = path.join(dataDir, 'mounted');
    await writeFile(named, 'cd'.repeat(32), { mode: 0o440 });
    expect((await ensureMasterKeyring(dataDir, { keyFile: named }, {})).current.toString('hex')).toBe('cd'.repeat(32));
    const wrong = ensureMasterKeyring(dataDir, {}, { PRESAGE_MASTER_KEY_PREVIOUS: 'hunter2' });
    await expect(wrong).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.not.stringContaining('hunter2') as string,
    });
  });
});
