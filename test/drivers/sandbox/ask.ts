import { request, type IncomingHttpHeaders } from 'node:http';
import type { Endpoint } from '../../../drivers/sandbox/sandbox';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Gives up after this many milliseconds. */
  readonly timeoutMs?: number;
}

/** One request on a connection of its own. Rejects when the connection breaks or the time is over. */
export function ask(endpoint: Endpoint, path: string, question: Question = {}): Promise<Answer> {
  const where = endpoint.kind === 'unix' ? { socketPath: endpoint.path } : { host: endpoint.host, port: endpoint.port };
  const { method = question.body === undefined ? 'GET' : 'POST', headers = {}, timeoutMs = 20_000 } = question;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    const outgoing = request({ ...where, path, method, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        const text = Buffer.concat(pieces).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    outgoing.on('error', fail);
    outgoing.end(question.body);
  });
}
