import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { PlatformError } from '../core/error/platform-error';
import type { Config } from './config';

export interface HealthDoor {
  close(): Promise<void>;
}

/**
 * Answers `/livez` while the process runs, and `/readyz` with 503 while `notReady` has something to say: for whoever starts and
 * replaces processes that have no other door for HTTP. With `metrics` it shows them at `/metrics` to whoever comes: they must name nothing
 * of tenants. Nothing without settings. @throws PlatformError conflict when the port is taken
 */
export async function openHealthDoor(
  settings: Config['health'],
  notReady: () => string | null,
  metrics?: Registry,
): Promise<HealthDoor> {
  if (!settings) return { close: () => Promise.resolve() };
  const paths = ['/livez', '/readyz', ...(metrics ? ['/metrics'] : [])];
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    if (!paths.includes(path)) return say(response, 404, `is ${paths.join(' or ')}`);
    if (metrics && path === '/metrics') return void show(response, metrics);
    const reason = path === '/readyz' ? notReady() : null;
    say(response, reason === null ? 200 : 503, reason ?? 'ok');
  });
  await listen(server, settings);
  // It keeps no process that has ended its work.
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function say(response: ServerResponse, code: number, status: string): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ status })}\n`);
}

async function show(response: ServerResponse, metrics: Registry): Promise<void> {
  try {
    const text = await metrics.metrics();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  } catch (error) {
    say(response, 500, `cannot be read: ${String(error)}`);
  }
}

function listen(server: Server, { host, port }: NonNullable<Config['health']>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new PlatformError('conflict', `The health door cannot listen on ${host}:${port}: ${error.message}`, {
          cause: error,
          hint: 'Choose another: health.port in the configuration.',
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}
