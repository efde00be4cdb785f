import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createNetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import { newCertificateRequest } from '../../../core/node/certificate-request';
import { AGENT_ROLE, serverNameOf } from '../../../core/node/certificate-names';
import { newRsaKey } from '../../../core/node/rsa-key';
import { ensureAuthority } from '../../../drivers/certificates/local-authority';
import { platformIdentity } from '../../../drivers/certificates/platform-identity';
import { InstanceRelay, type RelayTarget } from '../../../agent/relay/instance-relay';
import type { AgentTlsSettings } from '../../../agent/rpc/agent-tls';
import { freePort } from '../../integration/support/eventually';

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A relay of node `far-1` with certificates of an authority of its own, before instances that tests write. */
export class RelayBench {
  readonly sockets = new Set<Socket>();
  /** What decides in place of the bench. */
  target: RelayTarget | undefined;
  readonly #servers: { close(): unknown }[] = [];

  private constructor(
    readonly folder: string,
    readonly relay: InstanceRelay,
    readonly gateway: AgentTlsSettings,
    readonly agent: AgentTlsSettings,
  ) {}

  static async open(): Promise<RelayBench> {
    const folder = await mkdtemp(path.join(tmpdir(), 'relay-'));
    const authority = await ensureAuthority(folder);
    const platform = platformIdentity(folder);
    if (!platform) throw new Error('there is no certificate of the platform');
    const key = await newRsaKey();
    const owner = { commonName: 'far-1', role: AGENT_ROLE, serverName: serverNameOf('far-1') };
    const agent = { ca: platform.ca, cert: path.join(folder, 'agent.crt'), key: path.join(folder, 'agent.key') };
    await writeFile(agent.key, key);
    await writeFile(agent.cert, authority.sign(await newCertificateRequest(key, 'x'), owner));
    const address = { host: '127.0.0.1', port: await freePort() };
    const relay = new InstanceRelay({ address, tls: agent, log: QUIET });
    const bench = new RelayBench(folder, relay, { ...platform, serverName: serverNameOf('far-1') }, agent);
    await relay.listen((gatewayId, instanceId) => {
      if (bench.target) return bench.target(gatewayId, instanceId);
      if (instanceId === 'unknown') throw new PlatformError('not_found', 'There is no such instance');
      if (gatewayId !== 'g1') throw new PlatformError('forbidden', 'The instance is not leased to this gateway');
      return { kind: 'unix', path: bench.socketOf(instanceId) };
    });
    return bench;
  }

  socketOf(instanceId: string): string {
    return path.join(this.folder, `${instanceId}.sock`);
  }

  /** An instance that speaks HTTP. */
  async instance(instanceId: string, answer: RequestListener): Promise<Server> {
    const server = createServer({ keepAliveTimeout: 60_000 }, answer);
    server.on('connection', (socket: Socket) => this.#note(socket));
    await this.#listen(server, instanceId);
    return server;
  }

  /** One that speaks whatever the test says. */
  async raw(instanceId: string, connected: (socket: Socket) => void): Promise<void> {
    const server = createNetServer({ allowHalfOpen: true }, (socket) => {
      this.#note(socket);
      connected(socket);
    });
    await this.#listen(server, instanceId);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    await this.relay.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #note(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }

  #listen(server: Server | ReturnType<typeof createNetServer>, instanceId: string): Promise<void> {
    this.#servers.push(server);
    return new Promise((resolve) => void server.listen(this.socketOf(instanceId), resolve));
  }
}
