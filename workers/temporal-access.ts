import { readSettingFile } from '../drivers/setting-file';
import type { Config } from './config';

/** How a Temporal server is reached, as the clients of its SDK take it. */
export interface TemporalAccess {
  readonly address: string;
  readonly tls?: {
    readonly serverNameOverride?: string;
    readonly serverRootCACertificate?: Buffer;
    readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
  };
  readonly apiKey?: string;
}

/**
 * Of the server that the configuration names, else of the one that runs here. Files are read now: who renews them starts
 * the process anew. @throws PlatformError invalid_argument that names the file that cannot be read
 */
export function temporalAccess({ temporal }: Pick<Config, 'temporal'>): TemporalAccess {
  const { address = `127.0.0.1:${temporal.port}`, tls, apiKeyFile } = temporal;
  const apiKey =
    temporal.apiKey ?? (apiKeyFile === undefined ? undefined : read('apiKeyFile', apiKeyFile).toString().trim());
  if (!tls && apiKey === undefined) return { address };
  const { ca, cert, key, serverName } = tls ?? {};
  return {
    address,
    tls: {
      ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
      ...(ca === undefined ? {} : { serverRootCACertificate: read('tls.ca', ca) }),
      ...(cert === undefined || key === undefined
        ? {}
        : { clientCertPair: { crt: read('tls.cert', cert), key: read('tls.key', key) } }),
    },
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}

function read(setting: string, file: string): Buffer {
  return readSettingFile(`temporal.${setting}`, file);
}
