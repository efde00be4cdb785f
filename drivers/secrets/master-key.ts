import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { MASTER_KEY_BYTES } from '../../core/crypto/tenant-keys';
import { PlatformError } from '../../core/error/platform-error';
import { errorCodeOf, storageError } from '../storage-error';

/**
 * The key that all others hang on: `PRESAGE_MASTER_KEY` (64 hex digits), else the file that `PRESAGE_MASTER_KEY_FILE`
 * or else `secrets.keyFile` names, else `<dataDir>/secrets/master.key`, made at the first call. Processes that call at
 * the same time get the same key. @throws PlatformError invalid_argument naming what is wrong and how to mend it
 */
export async function ensureMasterKey(
  dataDir: string,
  env: NodeJS.ProcessEnv = process.env,
  keyFile?: string,
): Promise<Buffer> {
  const given = env['PRESAGE_MASTER_KEY'];
  if (given) return parseMasterKey(given, 'PRESAGE_MASTER_KEY');
  const named = env['PRESAGE_MASTER_KEY_FILE'] || keyFile;
  // A mounted secret may be readable by its group, as orchestrators do; our own file by nobody else.
  if (named) return readMasterKey(named, 0o007);
  const file = path.join(dataDir, 'secrets', 'master.key');
  try {
    return await readMasterKey(file, 0o077);
  } catch (error) {
    if (!(error instanceof PlatformError && error.code === 'not_found')) throw error;
  }
  await createKey(file);
  return readMasterKey(file, 0o077);
}

/** @param forbiddenMode permission bits that the file must not have @throws PlatformError not_found, invalid_argument */
export async function readMasterKey(file: string, forbiddenMode: number): Promise<Buffer> {
  try {
    const { mode, uid } = await stat(file);
    if ((mode & forbiddenMode) !== 0) {
      throw new PlatformError(
        'invalid_argument',
        `The master key file ${file} has mode ${(mode & 0o777).toString(8)}, so that others can read it`,
        { hint: `chmod 600 ${file}` },
      );
    }
    if (uid !== 0 && uid !== process.getuid?.()) {
      throw new PlatformError('invalid_argument', `The master key file ${file} belongs to user ${uid}`, {
        hint: `chown root ${file}, or run Presage as that user`,
      });
    }
    return parseMasterKey(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') {
      throw new PlatformError('not_found', `The master key file ${file} does not exist`, { cause: error });
    }
    throw storageError(error, `Reading the master key file ${file}`);
  }
}

/** @param where named in the error, which never repeats the text @throws PlatformError invalid_argument */
export function parseMasterKey(text: string, where: string): Buffer {
  const hex = text.trim();
  if (hex.length === MASTER_KEY_BYTES * 2 && /^[0-9a-f]+$/i.test(hex)) return Buffer.from(hex, 'hex');
  throw new PlatformError(
    'invalid_argument',
    `The master key in ${where} must be ${MASTER_KEY_BYTES * 2} hex digits; it has ${hex.length} characters`,
    {
      hint: 'Bring back the right key: what was sealed with it cannot be read without. A new one: openssl rand -hex 32',
    },
  );
}

/** Linked into place when it is whole: whoever comes second keeps the first one's key. */
async function createKey(file: string): Promise<void> {
  const folder = path.dirname(file);
  const temporary = `${file}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${randomBytes(MASTER_KEY_BYTES).toString('hex')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, file).catch((error: unknown) => {
      if (errorCodeOf(error) !== 'EEXIST') throw error;
    });
    const parent = await open(folder, 'r');
    await parent.sync().finally(() => parent.close());
  } catch (error) {
    throw storageError(error, `Making the master key file ${file}`);
  } finally {
    await rm(temporary, { force: true });
  }
}
