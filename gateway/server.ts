import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import Fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { PlatformError, toPlatformError } from '../core/error/platform-error';
import { replyWithProblem } from './api/api-errors';
import type { InvocationHandler } from './invocation/invocation-handler';
import { invocationId } from './invocation/invocation-id';
import { invocationTargetOf } from './invocation/invocation-target';
import { problemDocument, PROBLEM_CONTENT_TYPE } from './problem';
import { sendProblem } from './send-problem';
import { readTlsIdentity, watchTlsIdentity, type TlsSettings, type TlsWatchOptions } from './tls/tls-files';

/** Longer than load balancers keep an idle connection, so that it is they who close it and no request is lost in between. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_TIMEOUT_MS = 30_000;
const MAX_HEADER_BYTES = 32 * 1024;

export interface GatewayServerOptions {
  readonly invocations: Pick<InvocationHandler, 'handle'>;
  /** Puts the control API's routes on the app. */
  readonly registerApi: (app: FastifyInstance) => Promise<void>;
  readonly logger: NonNullable<FastifyServerOptions['loggerInstance']>;
  /** Without it the door speaks plain HTTP. */
  readonly tls?: TlsSettings;
}

export interface GatewayServer {
  readonly app: FastifyInstance;
  /** Binds and listens. Resolves with the port. @throws what node:net throws, e.g. EADDRINUSE */
  listen(host: string, port: number): Promise<number>;
  /** No new connections, and none kept open; resolves when all have ended, or closes them after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** One HTTP server with two faces: invocations go straight to their path, everything else to the control API. */
export async function createGatewayServer(options: GatewayServerOptions): Promise<GatewayServer> {
  let server: Server | undefined;
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => invocationId(Date.now()),
    bodyLimit: 1024 * 1024,
    clientErrorHandler: answerBrokenRequest,
    // What the router refuses before any route is found.
    frameworkErrors: replyWithProblem,
    serverFactory: (handler) => {
      const dispatch =
        (expectsContinue: boolean) =>
        (request: IncomingMessage, response: ServerResponse): void => {
          try {
            const target = invocationTargetOf(request.url ?? '/', request.headers.host);
            if (target) {
              options.invocations.handle(request, response, target, expectsContinue);
              return;
            }
          } catch (error) {
            sendProblem(response, toPlatformError(error), invocationId(Date.now()));
            return;
          }
          if (expectsContinue) response.writeContinue();
          handler(request, response);
        };
      const settings: ServerOptions = {
        keepAlive: true,
        noDelay: true,
        keepAliveTimeout: KEEP_ALIVE_MS,
        headersTimeout: HEADERS_TIMEOUT_MS,
        // Bodies have the clocks of the function, or of the route, that takes them.
        requestTimeout: 0,
        maxHeaderSize: MAX_HEADER_BYTES,
      };
      server = options.tls
        ? tlsServer(settings, options.tls, options.logger, dispatch(false))
        : createServer(settings, dispatch(false));
      server.on('checkContinue', dispatch(true));
      return server;
    },
  });
  await options.registerApi(app);
  await app.ready();
  const listening = server as Server;

  return {
    app,
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        listening.once('error', reject);
        listening.listen({ host, port }, () => {
          listening.off('error', reject);
          const address = listening.address();
          resolve(typeof address === 'object' && address ? address.port : port);
        });
      }),
    close: async (graceMs) => {
      const closed = new Promise<void>((resolve) => listening.close(() => resolve()));
      const timer = setTimeout(() => listening.closeAllConnections(), graceMs);
      // A connection that was just busy is idle a moment later.
      const idle = setInterval(() => listening.closeIdleConnections(), 100);
      await app.close();
      await closed;
      clearTimeout(timer);
      clearInterval(idle);
    },
  };
}

/** HTTP over TLS; a new certificate counts for new connections, and those that are open stay. */
function tlsServer(
  settings: ServerOptions,
  tls: TlsSettings,
  log: TlsWatchOptions['log'],
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const secure = { minVersion: tls.minVersion, ALPNProtocols: ['http/1.1'] };
  const server = createTlsServer({ ...settings, ...secure, ...readTlsIdentity(tls) }, handler);
  const unwatch = watchTlsIdentity(tls, (identity) => server.setSecureContext({ ...secure, ...identity }), { log });
  server.once('close', unwatch);
  return server;
}

/** What does not parse as HTTP has no request to answer to: the problem goes out as raw bytes. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const slow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const long = error.code === 'HPE_HEADER_OVERFLOW';
  const line = slow ? '408 Request Timeout' : long ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const what = slow
    ? 'The headers of the request did not come in time'
    : long
      ? `The headers of the request are longer than ${MAX_HEADER_BYTES} bytes`
      : 'The request is not valid HTTP';
  const problem = problemDocument(new PlatformError('invalid_argument', what), invocationId(Date.now()));
  const body = JSON.stringify({ ...problem, status: Number(line.slice(0, 3)) });
  socket.end(
    `HTTP/1.1 ${line}\r\ncontent-type: ${PROBLEM_CONTENT_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
