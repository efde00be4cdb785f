import type { Server } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import {
  readTlsIdentity,
  watchTlsIdentity,
  type TlsSettings,
  type TlsWatchOptions,
} from '../../drivers/certificates/tls-files';

/** HTTP over TLS; a new certificate counts for new connections, and those that are open stay. */
export function createTlsGateway(settings: ServerOptions, tls: TlsSettings, log: TlsWatchOptions['log']): Server {
  const secure = { minVersion: tls.minVersion, ALPNProtocols: ['http/1.1'] };
  const server = createServer({ ...settings, ...secure, ...readTlsIdentity(tls) });
  const unwatch = watchTlsIdentity(tls, (identity) => server.setSecureContext({ ...secure, ...identity }), { log });
  server.once('close', unwatch);
  return server;
}
