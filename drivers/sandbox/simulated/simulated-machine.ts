import { mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import type { RunSpec } from '../../../core/function/run-spec';
import type { Endpoint, SandboxListener, SandboxSpec } from '../sandbox';

/** Above any real process id, so that a test that signals one hits nothing. */
const FIRST_PID = 5_000_000;

/** What a simulated function may do during a request. */
export interface SimulatedCall {
  readonly instanceId: string;
  readonly invocationId: string | null;
  /** Environment, secrets included. */
  readonly env: Readonly<Record<string, string>>;
  /** The instance's memory: part of its checkpoints; plain JSON. */
  readonly state: Record<string, unknown>;
  log(stream: 'stdout' | 'stderr', text: string): void;
  /** Counts CPU time, in microseconds. */
  use(cpuMicros: number): void;
  /** Ends the instance as process.exit would. */
  exit(code: number): void;
}

export type SimulatedHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  call: SimulatedCall,
) => void | Promise<void>;

/** The hook `afterRestore` of a simulated function; what it throws makes the clone useless. */
export type SimulatedHook = (instance: SimulatedInstance) => void;

/** A simulated instance; the machine holds it, so it outlives the driver object (an agent) that made it. */
export interface SimulatedInstance {
  readonly id: string;
  readonly run: RunSpec;
  readonly secrets: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly startedFrom: 'cold' | 'restore';
  running: boolean;
  frozen: boolean;
  state: Record<string, unknown>;
  cpuMicros: number;
  endpoints: readonly Endpoint[];
  server: Server | null;
  /** Called when it is thawed or gone. */
  waiting: (() => void)[];
}

/** Echoes the request: method, path, body. The handler where none is given. */
const echo: SimulatedHandler = async (request, response, call) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces).toString();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ instance: call.instanceId, method: request.method, path: request.url, body }));
};

/**
 * A machine without processes. Give the same one to a second driver to play an agent that was killed and came back.
 * `serve` makes instances answer HTTP on a Unix socket below `runDir`, served by this very process.
 */
export class SimulatedMachine {
  readonly instances = new Map<string, SimulatedInstance>();
  readonly listeners = new Set<SandboxListener>();
  private nextPid = FIRST_PID;

  constructor(
    private readonly now: () => number,
    private readonly serve: {
      readonly runDir: string;
      readonly handler?: SimulatedHandler;
      readonly afterRestore?: SimulatedHook;
    } | null = null,
  ) {}

  add(spec: SandboxSpec, startedFrom: 'cold' | 'restore'): SimulatedInstance {
    const instance: SimulatedInstance = {
      id: spec.id,
      run: { ...spec.run, secretEnv: {} },
      secrets: spec.run.secretEnv,
      pid: this.nextPid++,
      startedFrom,
      running: false,
      frozen: false,
      state: {},
      cpuMicros: 0,
      endpoints: [{ kind: 'unix', path: this.socketOf(spec.id) }],
      server: null,
      waiting: [],
    };
    this.instances.set(spec.id, instance);
    return instance;
  }

  async run(instance: SimulatedInstance): Promise<void> {
    instance.running = true;
    if (!this.serve) return;
    const socket = this.socketOf(instance.id);
    await mkdir(path.dirname(socket), { recursive: true });
    // It may have been ended meanwhile.
    if (!instance.running) return;
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      void this.answer(instance, request, response);
    });
    instance.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).once('close', resolve).listen(socket, resolve);
    });
  }

  log(instance: SimulatedInstance, invocationId: string | null, stream: 'stdout' | 'stderr', text: string): void {
    const line = { instanceId: instance.id, invocationId, stream, at: this.now(), text };
    for (const listener of this.listeners) listener.logged(line);
  }

  thaw(instance: SimulatedInstance): void {
    instance.frozen = false;
    for (const resolve of instance.waiting.splice(0)) resolve();
  }

  /** Ends it: connections break, listeners are told, nothing is left. */
  async end(id: string, how: { code: number | null; signal: string | null; outOfMemory: boolean }): Promise<void> {
    const instance = this.instances.get(id);
    if (!instance) return;
    this.instances.delete(id);
    const { server, running } = instance;
    instance.running = false;
    this.thaw(instance);
    if (server) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    if (this.serve) await rm(path.dirname(this.socketOf(id)), { recursive: true, force: true });
    if (running) for (const listener of this.listeners) listener.exited(id, how);
  }

  private socketOf(id: string): string {
    return path.join(this.serve?.runDir ?? '/nowhere', 'i', id, 'http.sock');
  }

  private control(instance: SimulatedInstance, request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    if (request.url === '/_presage/before-checkpoint') response.setHeader('connection', 'close');
    if (request.url !== '/_presage/after-restore') return void response.end('ok');
    const hook = this.serve?.afterRestore;
    try {
      hook?.(instance);
      response.end(JSON.stringify({ afterRestore: hook !== undefined }));
    } catch (error) {
      this.log(instance, null, 'stderr', String(error));
      response.writeHead(500).end();
    }
  }

  private async answer(instance: SimulatedInstance, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (instance.frozen) await new Promise<void>((resolve) => instance.waiting.push(resolve));
    if (!instance.running) return void response.destroy();
    const control = request.url?.startsWith('/_presage/') ?? false;
    if (control) return this.control(instance, request, response);
    const header = request.headers['x-presage-invocation'];
    const invocationId = typeof header === 'string' ? header : null;
    const before = instance.cpuMicros;
    const call: SimulatedCall = {
      instanceId: instance.id,
      invocationId,
      env: { ...instance.run.env, ...instance.secrets },
      state: instance.state,
      log: (stream, text) => this.log(instance, invocationId, stream, text),
      use: (cpuMicros) => {
        instance.cpuMicros += cpuMicros;
        if (!response.headersSent) response.setHeader('x-presage-cpu-us', instance.cpuMicros - before);
      },
      exit: (code) => void this.end(instance.id, { code, signal: null, outOfMemory: false }),
    };
    try {
      await (this.serve?.handler ?? echo)(request, response, call);
    } catch (error) {
      call.log('stderr', String(error));
      if (!response.headersSent) response.writeHead(500, { 'x-presage-error': 'handler_failed' });
      response.end();
    }
  }
}
