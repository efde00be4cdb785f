import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { PlatformError } from '../../core/error/platform-error';

/** Section `gateway.tls` of the configuration. */
export interface TlsSettings {
  /** Files in PEM: the certificate with its chain, and its key. */
  readonly cert: string;
  readonly key: string;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}

/** What node:tls takes of it. */
export interface TlsIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface TlsWatchOptions {
  readonly log: {
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** Between two looks, in milliseconds; default 2 s. */
  readonly everyMs?: number;
}

/** Looking is cheap, and works on every file system and for files that are links to be swapped, as orchestrators do. */
const LOOK_MS = 2_000;

/** @throws PlatformError invalid_argument naming what is wrong with the files; nothing of the key is in it */
export function readTlsIdentity({ cert, key }: Pick<TlsSettings, 'cert' | 'key'>): TlsIdentity {
  const identity = { cert: contentOf(cert, 'cert'), key: contentOf(key, 'key') };
  const certificate = parsed(cert, 'a certificate in PEM', () => new X509Certificate(identity.cert));
  const privateKey = parsed(key, 'an unencrypted private key in PEM', () => createPrivateKey(identity.key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new PlatformError('invalid_argument', `The key in ${key} does not belong to the certificate in ${cert}`);
  }
  return identity;
}

/**
 * Calls `changed` with the new pair whenever the files have changed and fit together; a pair that does not is told of
 * once, and the one before stays. Returns the end of watching.
 */
export function watchTlsIdentity(
  settings: Pick<TlsSettings, 'cert' | 'key'>,
  changed: (identity: TlsIdentity) => void,
  options: TlsWatchOptions,
): () => void {
  const { cert, key } = settings;
  let seen = markOfFiles(cert, key);
  const look = (): void => {
    const mark = markOfFiles(cert, key);
    if (mark === seen) return;
    seen = mark;
    try {
      changed(readTlsIdentity(settings));
      options.log.info({ event: 'gateway.tls-renewed', cert }, 'New connections get the new certificate');
    } catch (error) {
      options.log.error({ err: error, cert, key }, 'The new certificate cannot be used; the one before stays');
    }
  };
  const timer = setInterval(look, options.everyMs ?? LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Changes whenever one of the files does. */
export function markOfFiles(...files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
      return stat ? `${stat.ino} ${stat.mtimeNs} ${stat.size}` : 'missing';
    })
    .join(' ');
}

function contentOf(file: string, setting: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PlatformError('invalid_argument', `The file ${file} cannot be read (${code ?? 'unknown'})`, {
      cause: error,
      problems: [{ path: setting, message: `${file} cannot be read` }],
    });
  }
}

function parsed<T>(file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new PlatformError('invalid_argument', `The file ${file} does not hold ${what}`);
  }
}
