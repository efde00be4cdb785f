import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { errorCodeOf, storageError } from '../storage-error';
import { authorityFolder } from './platform-identity';

const authorityFilesSchema = z.strictObject({
  'ca.key': z.string(),
  'ca.crt': z.string(),
  'platform.key': z.string(),
  'platform.crt': z.string(),
});
/** Keys and certificates of an authority, in PEM, by the names of their files. */
export type AuthorityFiles = z.infer<typeof authorityFilesSchema>;

/** @throws Error for what is none */
export function parseAuthorityFiles(text: string): AuthorityFiles {
  return authorityFilesSchema.parse(JSON.parse(text));
}

/** Those of a data folder; null where there are none. @throws PlatformError internal */
export async function readAuthorityFiles(dataDir: string): Promise<AuthorityFiles | null> {
  const read = async (name: string): Promise<[string, string]> => {
    return [name, await readFile(path.join(authorityFolder(dataDir), name), 'utf8')];
  };
  try {
    return authorityFilesSchema.parse(
      Object.fromEntries(await Promise.all(Object.keys(authorityFilesSchema.shape).map(read))),
    );
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null;
    throw storageError(error, 'Reading the certificate authority');
  }
}

/** Makes them those of the data folder, whatever was there. Files that are the same stay untouched. @throws PlatformError storage_full, internal */
export async function writeAuthorityFiles(dataDir: string, files: AuthorityFiles): Promise<void> {
  const folder = authorityFolder(dataDir);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, name);
      if ((await readFile(file, 'utf8').catch(() => null)) === text) continue;
      const temporary = `${file}.${randomUUID()}`;
      try {
        await writeFile(temporary, text, { mode: 0o600, flush: true });
        await rename(temporary, file);
      } finally {
        await rm(temporary, { force: true });
      }
    }
  } catch (error) {
    throw storageError(error, 'Writing the certificate authority');
  }
}
