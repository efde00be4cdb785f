import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** One answered request, as the client saw it. Times in milliseconds. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Until the response head arrived. */
  readonly firstByteMs: number;
  readonly totalMs: number;
}

export interface Probe {
  send(path: string, options?: { method?: string; body?: string; headers?: Record<string, string> }): Promise<Answer>;
  close(): void;
}

/** A client with kept-alive connections to one platform. */
export function openProbe(url: string, apiKey: string): Probe {
  const agent = new Agent({ keepAlive: true, maxSockets: 1024 });
  return {
    send: (path, { method = 'GET', body, headers: more } = {}) =>
      new Promise((resolve, reject) => {
        const begun = performance.now();
        const headers = {
          authorization: `Bearer ${apiKey}`,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...more,
        };
        const outgoing = request(new URL(path, url), { method, agent, headers }, (response) => {
          const firstByteMs = performance.now() - begun;
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString('utf8'),
              firstByteMs,
              totalMs: performance.now() - begun,
            });
          });
        });
        outgoing.once('error', reject);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** The body of an answer as JSON. @throws Error with status and body when it is no success */
export function jsonOf<T>(answer: Answer): T {
  if (answer.status >= 300) throw new Error(`The platform answered ${answer.status}: ${answer.body.slice(0, 500)}`);
  return JSON.parse(answer.body) as T;
}
