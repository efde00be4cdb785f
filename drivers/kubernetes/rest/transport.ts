import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import type { Connection } from './connection';
import type { KubernetesCalls } from './kubernetes-calls';
import { errorOfConnection, errorOfStatus } from './status-error';

/** One request to the API server. */
export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  /** As roles name it; with the resource it is what is counted. */
  readonly verb: string;
  readonly resource: string;
  /** Whom it is about, for messages. */
  readonly about?: string;
  /** Until the whole answer is there; for a watch until it begins. */
  readonly timeoutMs?: number | undefined;
  /** Its answer goes on and on. */
  readonly endless?: boolean;
}

const TIMEOUT_MS = 30_000;
/** A peer that vanished without a word is noticed by the system after some two minutes. */
const PROBE_MS = 15_000;

/** Sends calls over kept connections, and counts each. */
export class Transport {
  constructor(
    private readonly connection: Connection,
    private readonly calls: KubernetesCalls,
  ) {}

  /** The answer's JSON. @throws PlatformError as `KubernetesApi` */
  async send(call: ApiCall, stopping?: AbortSignal): Promise<unknown> {
    const deadline = AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS);
    const signal = stopping ? AbortSignal.any([deadline, stopping]) : deadline;
    const response = await this.open(call, signal);
    try {
      const body = await text(response);
      return body === '' ? null : (JSON.parse(body) as unknown);
    } catch (error) {
      throw errorOfConnection(this.connection.url, wordsOf(call), signal.aborted ? signal.reason : error);
    }
  }

  /** An answer of status 2xx whose body is still to be read. @throws PlatformError as `KubernetesApi` */
  async open(call: ApiCall, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#respond(call, signal, true);
    const status = response.statusCode ?? 0;
    this.calls.count(call.verb, call.resource, status);
    if (status >= 200 && status < 300) return response;
    const retryAfter = Number(response.headers['retry-after']);
    const body = await text(response).catch(() => '');
    throw errorOfStatus(status, body, wordsOf(call), retryAfter > 0 ? retryAfter : undefined);
  }

  async #respond(call: ApiCall, signal: AbortSignal, again: boolean): Promise<IncomingMessage> {
    const identity = await this.connection.identity();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const request = (this.connection.url.startsWith('https:') ? https : http).request(
      `${this.connection.url}${call.path}`,
      {
        method: call.method,
        agent: call.endless ? identity.streams : identity.agent,
        signal,
        ...(identity.auth === undefined ? {} : { auth: identity.auth }),
        headers: {
          ...identity.headers,
          accept: 'application/json',
          'user-agent': 'presage',
          ...(body === undefined
            ? {}
            : {
                'content-type': call.contentType ?? 'application/json',
                // Node gives a DELETE no length of its own accord, and its body would be read as the next request.
                'content-length': Buffer.byteLength(body),
              }),
        },
      },
    );
    request.on('socket', (socket) => socket.setKeepAlive(true, PROBE_MS));
    try {
      return await new Promise((resolve, reject) => {
        request.once('response', resolve);
        request.once('error', reject);
        request.end(body);
      });
    } catch (error) {
      // The server closed a kept connection at the moment it was used again. What was to be created may have been.
      if (again && request.reusedSocket && call.method !== 'POST' && !signal.aborted)
        return this.#respond(call, signal, false);
      this.calls.count(call.verb, call.resource, 'none');
      throw errorOfConnection(this.connection.url, wordsOf(call), signal.aborted ? signal.reason : error);
    }
  }
}

function wordsOf({ verb, resource, about }: ApiCall): string {
  return [verb, resource, about].filter(Boolean).join(' ');
}
