import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A collector of OTLP over HTTP that takes all and keeps nothing. */
export interface TraceSink {
  readonly port: number;
  /** Batches that came so far. */
  received(): number;
  stop(): Promise<void>;
}

export async function startTraceSink(): Promise<TraceSink> {
  let batches = 0;
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      batches += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received: () => batches,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
