import path from 'node:path';
import { masterKeyId } from '../../core/crypto/data-key';
import { PlatformError } from '../../core/error/platform-error';
import { ensureMasterKey, parseMasterKey, readMasterKey } from './master-key';

/** The master key that seals, and those before it that still open. */
export interface MasterKeyring {
  readonly current: Buffer;
  /** Newest first. */
  readonly previous: readonly Buffer[];
}

/** Section `secrets` of the configuration. */
export interface MasterKeySettings {
  readonly keyFile?: string | undefined;
  readonly previousKeyFiles?: readonly string[];
}

/**
 * The current key as `ensureMasterKey` finds it. Previous ones: `PRESAGE_MASTER_KEY_PREVIOUS` (hex, comma-separated), the
 * files of `secrets.previousKeyFiles`, and `<dataDir>/secrets/master.key.previous` where it is there.
 * @throws PlatformError invalid_argument, not_found
 */
export async function ensureMasterKeyring(
  dataDir: string,
  settings: MasterKeySettings = {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<MasterKeyring> {
  const current = await ensureMasterKey(dataDir, env, settings.keyFile);
  const given = (env['PRESAGE_MASTER_KEY_PREVIOUS'] ?? '').split(',').filter((text) => text.trim() !== '');
  const named = await Promise.all((settings.previousKeyFiles ?? []).map((file) => readMasterKey(file, 0o007)));
  const left = await readMasterKey(path.join(dataDir, 'secrets', 'master.key.previous'), 0o077).then(
    (key) => [key],
    ifMissing,
  );
  const keys = [...given.map((text) => parseMasterKey(text, 'PRESAGE_MASTER_KEY_PREVIOUS')), ...named, ...left];
  return { current, previous: keys.filter((key) => !key.equals(current)) };
}

/** The key of a ring by its id; undefined when it has none such. */
export function masterKeyOf(ring: MasterKeyring, id: string): Buffer | undefined {
  return [ring.current, ...ring.previous].find((key) => masterKeyId(key) === id);
}

function ifMissing(error: unknown): [] {
  if (error instanceof PlatformError && error.code === 'not_found') return [];
  throw error;
}
