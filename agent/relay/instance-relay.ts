import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { toPlatformError, PlatformError } from '../../core/error/platform-error';
import { bareHost } from '../../core/network/bare-host';
import type { Endpoint } from '../../drivers/sandbox/sandbox';
import type { AgentLog } from '../agent-log';
import { isPlatform, wantsPlatformRole, type AgentTlsSettings } from '../rpc/agent-tls';
import { GATEWAY_HEADER, instanceOfTarget, type RelayAddress } from '../rpc/instance-way';
import { MutualTls } from '../rpc/mutual-tls';
import { couple } from './couple';

/**
 * Where a connection of a gateway to an instance may go.
 * @throws PlatformError not_found when there is no such instance; forbidden when the gateway has not leased it
 */
export type RelayTarget = (gatewayId: string, instanceId: string) => Endpoint;

/** A handshake and a CONNECT come at once, or never. */
const OPENING_MS = 10_000;

/**
 * The way to the instances of this node for gateways on other machines: they show a certificate, as they do to the agent, and
 * name with CONNECT (RFC 9110 §9.3.6) an instance that they have leased; from then on the connection is one to that
 * instance. The answer comes once the instance has taken the connection, so that a gateway knows what was sent to nobody.
 */
export class InstanceRelay {
  readonly address: RelayAddress;
  readonly #log: AgentLog;
  readonly #server: Server;
  readonly #strangersToo: boolean;
  readonly #sockets = new Set<Duplex>();
  readonly #coupled = new Map<string, Set<() => void>>();
  readonly #unwatch: () => void;
  #target: RelayTarget | undefined;

  /** @throws PlatformError invalid_argument when a file of the certificate is no good */
  constructor(options: { address: RelayAddress; tls: AgentTlsSettings; log: AgentLog }) {
    const { address, tls, log } = options;
    this.address = address;
    this.#log = log;
    // Where the agent takes the calls of everybody with a certificate, so does its relay.
    this.#strangersToo = !wantsPlatformRole(`${address.host}:${address.port}`, tls);
    const files = new MutualTls(tls);
    const secure = { requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' as const };
    const fixed = { ...secure, ALPNProtocols: ['http/1.1'] };
    this.#server = createServer({
      ...fixed,
      ...files.current(),
      handshakeTimeout: OPENING_MS,
      headersTimeout: OPENING_MS,
      noDelay: true,
      // The end of one direction is not the end of the other.
      allowHalfOpen: true,
    });
    this.#unwatch = files.watch((identity) => this.#server.setSecureContext({ ...fixed, ...identity }));
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(405, { allow: 'CONNECT', connection: 'close' }).end();
    });
    this.#server.on('connect', (request: IncomingMessage, socket: Duplex, early: Buffer) => {
      this.#connect(request, socket as TLSSocket, early);
    });
  }

  /** @throws PlatformError conflict when the port is taken */
  async listen(target: RelayTarget): Promise<void> {
    this.#target = target;
    const { host, port } = this.address;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: bareHost(host), port }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    }).catch((error: unknown) => {
      throw new PlatformError('conflict', `The relay cannot listen on ${host}:${port}: ${String(error)}`, {
        cause: error,
        hint: 'It is reached on the port after that of the agent, unless `relay` of the node names another address.',
      });
    });
  }

  /** The instance is not leased any more: whatever connection a gateway still has to it is of no use, and must not be in its way. */
  cut(instanceId: string): void {
    for (const end of this.#coupled.get(instanceId) ?? []) end();
  }

  /** Closes everything; what is in flight breaks off. */
  async close(): Promise<void> {
    this.#unwatch();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #connect(request: IncomingMessage, gateway: TLSSocket, early: Buffer): void {
    gateway.on('error', () => undefined);
    try {
      if (!this.#strangersToo && !isPlatform(gateway.getPeerCertificate())) {
        throw new PlatformError('forbidden', 'The certificate shown is not one of a gateway');
      }
      const instanceId = instanceOfTarget(request.url ?? '');
      const gatewayId = request.headers[GATEWAY_HEADER];
      if (instanceId === null || typeof gatewayId !== 'string' || early.length > 0 || !this.#target) {
        throw new PlatformError('invalid_argument', `CONNECT names no instance, or ${GATEWAY_HEADER} no gateway`);
      }
      this.#open(instanceId, this.#target(gatewayId, instanceId), gateway);
    } catch (error) {
      refuse(gateway, toPlatformError(error));
    }
  }

  #open(instanceId: string, endpoint: Endpoint, gateway: TLSSocket): void {
    const { kind } = endpoint;
    const to = kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port };
    const instance = connect({ ...to, allowHalfOpen: true });
    const gone = (): void => void instance.destroy();
    const failed = (error: Error): void => {
      this.#log.warn({ instanceId, error: String(error) }, 'an instance did not take a connection of the relay');
      refuse(gateway, new PlatformError('unavailable', 'The instance does not take the connection'));
    };
    gateway.once('close', gone);
    instance.once('error', failed);
    instance.once('connect', () => {
      gateway.off('close', gone);
      instance.off('error', failed);
      gateway.write('HTTP/1.1 200 Coupled\r\n\r\n');
      const ends = this.#coupled.get(instanceId) ?? new Set();
      this.#coupled.set(instanceId, ends);
      const end = couple(gateway, instance, () => {
        ends.delete(end);
        if (ends.size === 0 && this.#coupled.get(instanceId) === ends) this.#coupled.delete(instanceId);
      });
      ends.add(end);
    });
  }
}

function refuse(gateway: TLSSocket, error: PlatformError): void {
  const { status, message } = error;
  gateway.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(message)}\r\n\r\n${message}`); // prettier-ignore
  gateway.destroySoon();
}
