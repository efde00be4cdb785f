import { X509Certificate } from 'node:crypto';
import { credentials, experimental, ServerCredentials, type ChannelCredentials } from '@grpc/grpc-js';
import { AGENT_ROLE, PLATFORM_ROLE } from '../../core/node/certificate-names';
import { MutualTls } from './mutual-tls';

/** Section `agent.tls` of the configuration: files in PEM. Both sides show a certificate of the same authority. */
export interface AgentTlsSettings {
  /** The authority, of the platform's own: whoever has a certificate of it may start and stop every instance. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** For who calls: the name that the agent's certificate must bear, wherever it is reached; default: its host. */
  readonly serverName?: string | undefined;
}

/** For who calls agents. A Unix socket is kept by its file mode, so only `host:port` is encrypted. @throws PlatformError invalid_argument */
export function clientCredentials(address: string, tls: AgentTlsSettings | undefined): ChannelCredentials {
  if (isSocket(address) || !tls) return credentials.createInsecure();
  const files = new MutualTls(tls);
  return experimental.createCertificateProviderChannelCredentials(files, files);
}

/** For the agent itself: who shows no certificate of the authority is not spoken with. @throws PlatformError invalid_argument */
export function serverCredentials(address: string, tls: AgentTlsSettings | undefined): ServerCredentials {
  if (isSocket(address) || !tls) return ServerCredentials.createInsecure();
  const files = new MutualTls(tls);
  return experimental.createCertificateProviderServerCredentials(files, files, true);
}

/**
 * Whether callers must show that they are gateways or control workers: so it is where the agent's own certificate is of the
 * platform's own authority, which signs for other agents too.
 */
export function wantsPlatformRole(address: string, tls: AgentTlsSettings | undefined): boolean {
  if (isSocket(address) || !tls) return false;
  return new X509Certificate(new MutualTls(tls).current().cert).subject.split('\n').includes(`OU=${AGENT_ROLE}`);
}

/** Is the certificate, as node:tls reads it, one of a gateway or control worker? */
export function isPlatform(shown: { readonly subject?: { readonly OU?: string | string[] } } | undefined): boolean {
  return shown?.subject?.OU === PLATFORM_ROLE;
}

/** Whether a gRPC target stays on this machine, so that nobody can listen or join in. */
export function isLocalTarget(address: string): boolean {
  return isSocket(address) || /^(127(\.\d+){3}|\[::1\]|localhost):\d+$/.test(address);
}

function isSocket(address: string): boolean {
  return address.startsWith('unix:');
}
