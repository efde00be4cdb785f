import { readFileSync } from 'node:fs';
import { credentials, ServerCredentials, type ChannelCredentials } from '@grpc/grpc-js';
import { PlatformError } from '../../core/error/platform-error';

/** Section `agent.tls` of the configuration: files in PEM. Both sides show a certificate of the same authority. */
export interface AgentTlsSettings {
  /** The authority, of the platform's own: whoever has a certificate of it may start and stop every instance. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** For who calls agents. A Unix socket is kept by its file mode, so only `host:port` is encrypted. @throws PlatformError invalid_argument */
export function clientCredentials(address: string, tls: AgentTlsSettings | undefined): ChannelCredentials {
  if (isSocket(address) || !tls) return credentials.createInsecure();
  const { ca, cert, key } = contentsOf(tls);
  return credentials.createSsl(ca, key, cert);
}

/** For the agent itself: who shows no certificate of the authority is not spoken with. @throws PlatformError invalid_argument */
export function serverCredentials(address: string, tls: AgentTlsSettings | undefined): ServerCredentials {
  if (isSocket(address) || !tls) return ServerCredentials.createInsecure();
  const { ca, cert, key } = contentsOf(tls);
  return ServerCredentials.createSsl(ca, [{ cert_chain: cert, private_key: key }], true);
}

/** Whether a gRPC target stays on this machine, so that nobody can listen or join in. */
export function isLocalTarget(address: string): boolean {
  return isSocket(address) || /^(127(\.\d+){3}|\[::1\]|localhost):\d+$/.test(address);
}

function isSocket(address: string): boolean {
  return address.startsWith('unix:');
}

function contentsOf(tls: AgentTlsSettings): Record<'ca' | 'cert' | 'key', Buffer> {
  const read = (name: 'ca' | 'cert' | 'key'): Buffer => {
    try {
      return readFileSync(tls[name]);
    } catch (error) {
      throw new PlatformError('invalid_argument', `agent.tls.${name}: the file ${tls[name]} cannot be read`, {
        cause: error,
      });
    }
  };
  return { ca: read('ca'), cert: read('cert'), key: read('key') };
}
