import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { PlatformError, toPlatformError } from '../core/error/platform-error';
import { replyWithProblem } from './api/api-errors';
import { ambiguityOf } from './front/ambiguity';
import { watchPace, type PaceOptions } from './front/body-pace';
import { answerBrokenRequest, endWith, MAX_HEADER_BYTES } from './front/broken-request';
import { ConnectionGuard, type ConnectionBounds } from './front/connection-guard';
import { overhearUpgrade } from './front/overhear-upgrade';
import { UpgradeOffer, wishesWebSocket } from './front/upgrade-offer';
import type { InvocationHandler } from './invocation/invocation-handler';
import { invocationId } from './invocation/invocation-id';
import { invocationTargetOf } from './invocation/invocation-target';
import { hasBody } from './invocation/request-body';
import { sendProblem } from './send-problem';
import type { TlsSettings } from '../drivers/certificates/tls-files';
import { createTlsGateway } from './tls/tls-gateway';

/** Longer than load balancers keep an idle connection, so that it is they who close it and no request is lost in between. */
const KEEP_ALIVE_MS = 75_000;
/** How often connections are looked at that owe the head of a request. */
const LOOK_MS = 1_000;

export interface GatewayServerOptions {
  readonly invocations: Pick<InvocationHandler, 'handle'>;
  /** Puts the control API's routes on the app. */
  readonly registerApi: (app: FastifyInstance) => Promise<void>;
  readonly logger: NonNullable<FastifyServerOptions['loggerInstance']>;
  /** Without it the door speaks plain HTTP. */
  readonly tls?: TlsSettings;
  readonly connections: ConnectionBounds;
  /** From the first moment of a connection, or the first byte of its next request, to the end of the request's head. */
  readonly headersTimeoutMs: number;
  /** How fast a body for the control API must come, where not as usual. */
  readonly bodyPace?: PaceOptions;
}

export interface GatewayServer {
  readonly app: FastifyInstance;
  /** Connections closed unheard so far: too many, or too much ahead on one. */
  readonly connectionsRefused: number;
  /** Binds and listens. Resolves with the port. @throws what node:net throws, e.g. EADDRINUSE */
  listen(host: string, port: number): Promise<number>;
  /**
   * With TLS, a second door without it: for functions of this machine, which trust no certificate of ours. Not to be
   * reached from elsewhere. @throws what node:net throws; PlatformError unsupported without TLS
   */
  listenInside(host: string, port: number): Promise<number>;
  /** No new connections, and none kept open; resolves when all have ended, or closes them after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** One HTTP server with two faces: invocations go straight to their path, everything else to the control API. */
export async function createGatewayServer(options: GatewayServerOptions): Promise<GatewayServer> {
  const upgraded = new Set<Socket>();
  const doors: Door[] = [];
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => invocationId(Date.now()),
    bodyLimit: 1024 * 1024,
    clientErrorHandler: answerBrokenRequest,
    // What the router refuses before any route is found.
    frameworkErrors: replyWithProblem,
    serverFactory: (handler) => {
      const serve = (
        guard: ConnectionGuard,
        request: IncomingMessage,
        response: ServerResponse,
        how: { expectsContinue?: boolean; offer?: UpgradeOffer },
      ): void => {
        if (!guard.admits(request, response)) return;
        const { expectsContinue = false, offer } = how;
        const ambiguity = ambiguityOf(request) ?? (offer && bodyBesideUpgrade(request));
        if (ambiguity) {
          guard.condemn(request);
          endWith(request.socket, ambiguity);
          return;
        }
        try {
          const target = invocationTargetOf(request.url ?? '/', request.headers.host);
          if (target) {
            options.invocations.handle(request, response, target, expectsContinue, offer);
            return;
          }
        } catch (error) {
          sendProblem(response, toPlatformError(error), invocationId(Date.now()));
          return;
        }
        if (expectsContinue) response.writeContinue();
        if (hasBody(request)) watchPace(request, options.bodyPace);
        handler(request, response);
      };
      const { tls, logger, headersTimeoutMs } = options;
      const settings: ServerOptions = {
        keepAlive: true,
        noDelay: true,
        keepAliveTimeout: KEEP_ALIVE_MS,
        headersTimeout: headersTimeoutMs,
        connectionsCheckingInterval: Math.min(LOOK_MS, headersTimeoutMs),
        // Bodies have the clocks of the function, or of the route, that takes them.
        requestTimeout: 0,
        maxHeaderSize: MAX_HEADER_BYTES,
      };
      const open = (server: Server): Server => {
        const guard = new ConnectionGuard(server, options.connections);
        doors.push({ server, guard });
        // Headers beyond a number would be dropped unseen; their size is bounded.
        server.maxHeadersCount = 0;
        server.on('request', (request, response) => serve(guard, request, response, {}));
        server.on('checkContinue', (request, response) => serve(guard, request, response, { expectsContinue: true }));
        server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
          if (!wishesWebSocket(request)) {
            overhearUpgrade(server, request, socket, head);
            return;
          }
          upgraded.add(socket);
          socket.once('close', () => upgraded.delete(socket));
          const offer = new UpgradeOffer(request, socket, head);
          serve(guard, request, offer.response, { offer });
        });
        return server;
      };
      if (!tls) return open(createServer(settings));
      const main = open(createTlsGateway({ ...settings, handshakeTimeout: headersTimeoutMs }, tls, logger));
      open(createServer(settings)).on('clientError', answerBrokenRequest);
      return main;
    },
  });
  await options.registerApi(app);
  await app.ready();
  const [main, inside] = doors;
  if (!main) throw new PlatformError('internal', 'Fastify has made no server');

  return {
    app,
    get connectionsRefused() {
      return doors.reduce((sum, { guard }) => sum + guard.refused, 0);
    },
    listen: (host, port) => listenAt(main.server, host, port),
    listenInside: (host, port) =>
      inside
        ? listenAt(inside.server, host, port)
        : Promise.reject(new PlatformError('unsupported', 'Without TLS there is one door for all')),
    close: async (graceMs) => {
      const closed = doors.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve())));
      const timer = setTimeout(() => {
        for (const { server } of doors) server.closeAllConnections();
        // They are no HTTP connections any more.
        for (const socket of upgraded) socket.destroy();
      }, graceMs);
      // A connection that was just busy is idle a moment later.
      const idle = setInterval(() => doors.forEach(({ server }) => server.closeIdleConnections()), 100);
      await app.close();
      await Promise.all(closed);
      clearTimeout(timer);
      clearInterval(idle);
    },
  };
}

interface Door {
  readonly server: Server;
  readonly guard: ConnectionGuard;
}

function listenAt(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** The parser stops where a wish to upgrade does: what follows could be the body, or the other protocol. */
function bodyBesideUpgrade(request: IncomingMessage): PlatformError | undefined {
  if (!hasBody(request)) return undefined;
  return new PlatformError('invalid_argument', 'A request that wishes to upgrade its connection cannot have a body');
}
