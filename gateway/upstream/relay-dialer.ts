import { connect, type TLSSocket } from 'node:tls';
import type { AgentTlsSettings } from '../../agent/rpc/agent-tls';
import { GATEWAY_HEADER, relayTarget, type RelayAddress } from '../../agent/rpc/instance-way';
import { MutualTls } from '../../agent/rpc/mutual-tls';
import { bareHost } from '../../core/network/bare-host';
import type { Dial } from './upstream-connection';

/**
 * Makes the connections to an instance that is reached by the relay of its agent.
 * @param unreachable called when the relay itself does not answer, before the connection fails: that says nothing of the instance
 */
export type RelayDialer = (relay: RelayAddress, instanceId: string, unreachable: (error: Error) => void) => Dial;

const HEAD_END = '\r\n\r\n';
const MAX_HEAD_BYTES = 4 * 1024;

/**
 * @param options.tls what the gateway shows, and the name that the agent's certificate must bear
 * @throws PlatformError invalid_argument when a file is no good
 */
export function createRelayDialer(options: { tls: AgentTlsSettings; gatewayId: string }): RelayDialer {
  const { tls, gatewayId } = options;
  const files = new MutualTls(tls);
  return (relay, instanceId, unreachable) => (standing) => {
    const socket = connect({
      host: bareHost(relay.host),
      port: relay.port,
      secureContext: files.context(),
      ALPNProtocols: ['http/1.1'],
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    });
    socket.setNoDelay(true);
    const target = relayTarget(instanceId);
    const opening = `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${GATEWAY_HEADER}: ${gatewayId}${HEAD_END}`;
    socket.once('secureConnect', () => socket.write(opening));
    socket.once('error', unreachable);
    awaitLeave(socket, () => socket.off('error', unreachable), standing);
    return socket;
  };
}

/** Reads the relay's answer, and nothing beyond it: an instance says nothing before it is asked. */
function awaitLeave(socket: TLSSocket, answered: () => void, standing: () => void): void {
  let head = '';
  const read = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    const end = head.indexOf(HEAD_END);
    if (end === -1 && head.length <= MAX_HEAD_BYTES) return;
    socket.off('data', read);
    answered();
    if (/^HTTP\/1\.1 200 /.test(head) && end + HEAD_END.length === head.length) standing();
    else socket.destroy(new Error(`the relay refused: ${head.slice(0, 200).replace(/\s+/g, ' ')}`));
  };
  socket.on('data', read);
}
