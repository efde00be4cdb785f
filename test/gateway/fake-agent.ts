import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AcquireReply, AcquireRequest } from '../../agent/rpc/agent-messages';
import type { EndpointListener, EndpointStream } from '../../agent/rpc/endpoint-stream';
import { PlatformError } from '../../core/error/platform-error';
import type { LeaseAgent } from '../../gateway/invocation/agent-link';

/** An HTTP server on a Unix socket that stands for an instance. */
export interface FakeInstance {
  readonly id: string;
  readonly socketPath: string;
  readonly server: Server;
  /** Connections accepted so far. */
  connections: number;
  close(): Promise<void>;
}

/** Instances and the agent that leases them, without sandboxes and without gRPC. */
export class FakeAgent implements LeaseAgent {
  readonly acquired: AcquireRequest[] = [];
  readonly told: { kind: 'release' | 'park' | 'withdrawn' | 'fault'; id: string; reason?: string; served?: number }[] =
    [];
  readonly instances: FakeInstance[] = [];
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'fake-agent-'));
  #listener: EndpointListener | undefined;
  #connected = true;
  lingerMs = 200;
  mayPark = false;
  /** Instances started from now on take WebSockets. */
  upgrade: ((request: IncomingMessage, socket: Socket, head: Buffer) => void) | undefined;
  /** What Acquire answers; default: a fresh cold instance of `handler`. */
  onAcquire: (request: AcquireRequest) => Promise<AcquireReply>;

  /** Called in the turn in which a grant arrives. */
  afterGrant: () => void = () => undefined;

  constructor(public handler: RequestListener = (_, response) => response.end('ok')) {
    this.onAcquire = async () => this.reply(await this.start());
  }

  get listener(): EndpointListener {
    if (!this.#listener) throw new Error('no gateway has opened its stream');
    return this.#listener;
  }

  async start(
    handler: RequestListener = (request, response) => this.handler(request, response),
  ): Promise<FakeInstance> {
    const id = `i${this.instances.length + 1}`;
    const server = createServer({ keepAliveTimeout: 60_000 }, handler);
    server.maxHeadersCount = 0;
    const sockets = new Set<Socket>();
    const instance: FakeInstance = {
      id,
      server,
      socketPath: path.join(this.#folder, `${id}.sock`),
      connections: 0,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          for (const socket of sockets) socket.destroy();
        }),
    };
    server.on('connection', () => instance.connections++);
    // Upgraded ones are no HTTP connections any more: nobody but us closes them.
    server.on('connection', (socket) => sockets.add(socket));
    if (this.upgrade) server.on('upgrade', this.upgrade);
    await new Promise<void>((resolve) => server.listen(instance.socketPath, resolve));
    this.instances.push(instance);
    return instance;
  }

  reply(instance: Pick<FakeInstance, 'id' | 'socketPath'>, more: Partial<AcquireReply> = {}): AcquireReply {
    return {
      instanceId: instance.id,
      endpoint: { kind: 'unix', path: instance.socketPath },
      kind: 'cold',
      cause: 'first',
      queueMs: 0,
      sandboxMs: 0,
      readyMs: 0,
      lingerMs: this.lingerMs,
      checkpointId: null,
      mayPark: this.mayPark,
      blank: false,
      ...more,
    };
  }

  endpoints(_gatewayId: string, listener: EndpointListener): EndpointStream {
    this.#listener = listener;
    const isConnected = (): boolean => this.#connected;
    return {
      get connected() {
        return isConnected();
      },
      acquire: async (request, accept) => {
        this.acquired.push(request);
        const result = accept(await this.onAcquire(request));
        this.afterGrant();
        return result;
      },
      release: ({ instanceId, served, parked }) =>
        void this.told.push({ kind: parked ? 'park' : 'release', id: instanceId, served }),
      withdrawn: (id) => void this.told.push({ kind: 'withdrawn', id }),
      fault: (id, reason) => void this.told.push({ kind: 'fault', id, reason }),
      close: () => undefined,
    };
  }

  /** The stream breaks; Acquires fail until `comeBack`. */
  goAway(): void {
    this.#connected = false;
    this.listener.disconnected?.(new PlatformError('unavailable', 'away'));
  }

  comeBack(unknownInstanceIds: readonly string[] = []): void {
    this.#connected = true;
    this.listener.welcome({ node: 'local', tier: 'central', unknownInstanceIds, parallelStarts: 100, cores: 8 });
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.close()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
