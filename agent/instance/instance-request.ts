import { request } from 'node:http';
import { PlatformError } from '../../core/error/platform-error';
import type { Endpoint } from '../../drivers/sandbox/sandbox';

export interface InstanceRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}
export interface InstanceReply {
  readonly status: number;
  /** The first 4 KiB. */
  readonly body: string;
}

const BODY_LIMIT = 4096;
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * One request of the agent's own (health, warm-up, control) on a connection of its own, closed afterwards: a checkpoint
 * must find none open. @throws PlatformError handler_failed when the connection breaks, function_timeout
 */
export function requestInstance(endpoint: Endpoint, options: InstanceRequest): Promise<InstanceReply> {
  const { method, path, body, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  return new Promise((resolve, reject) => {
    const target =
      endpoint.kind === 'unix' ? { socketPath: endpoint.path } : { host: endpoint.host, port: endpoint.port };
    const outgoing = request({
      ...target,
      method,
      path,
      agent: false,
      headers: {
        host: 'localhost',
        connection: 'close',
        ...options.headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
      ...(signal ? { signal } : {}),
    });
    const timer = setTimeout(
      () =>
        outgoing.destroy(
          new PlatformError('function_timeout', `The function did not answer ${method} ${path} within ${timeoutMs} ms`),
        ),
      timeoutMs,
    );
    const fail = (error: Error): void => {
      clearTimeout(timer);
      const failure =
        error instanceof PlatformError || signal?.aborted
          ? error
          : new PlatformError('handler_failed', `The function broke off ${method} ${path}: ${error.message}`, {
              cause: error,
            });
      reject(failure);
    };
    outgoing.once('error', fail);
    outgoing.once('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        if (text.length < BODY_LIMIT) text += chunk.slice(0, BODY_LIMIT - text.length);
      });
      incoming.once('error', fail);
      incoming.once('end', () => {
        clearTimeout(timer);
        resolve({ status: incoming.statusCode ?? 0, body: text });
      });
    });
    outgoing.end(body);
  });
}
