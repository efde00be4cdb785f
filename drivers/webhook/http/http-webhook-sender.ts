import { lookup as resolve, type LookupAddress } from 'node:dns';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { bareHost } from '../../../core/network/bare-host';
import { isPrivateAddress } from '../../../core/network/private-address';
import type { WebhookEnd, WebhookRequest, WebhookSender } from '../webhook-sender';

export interface HttpWebhookOptions {
  /** From the first look for the address to the head of the answer, milliseconds. */
  readonly timeoutMs: number;
  /** May addresses of loopback and of private networks be called? */
  readonly allowPrivate: boolean;
}

class PrivateAddressError extends Error {}

/**
 * Sends webhooks by HTTP and HTTPS. The address belongs to a tenant, so nothing inside may be reached by it: private addresses
 * are refused when the name is looked up, for the connection that is then made, and redirections are not followed. The body of an answer
 * is not read.
 */
export class HttpWebhookSender implements WebhookSender {
  constructor(private readonly options: HttpWebhookOptions) {}

  async send({ url, headers, body }: WebhookRequest): Promise<WebhookEnd> {
    const { timeoutMs } = this.options;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await this.#post(new URL(url), headers, body, signal);
      return endOf(answer);
    } catch (error) {
      if (error instanceof PrivateAddressError) return failed(error.message, 'forbidden');
      if (signal.aborted) return failed(`it did not answer within ${timeoutMs / 1000} s`);
      return failed(error instanceof Error ? error.message : String(error));
    }
  }

  #post(url: URL, headers: WebhookRequest['headers'], body: Buffer, signal: AbortSignal): Promise<IncomingMessage> {
    const host = bareHost(url.hostname);
    if (isIP(host) !== 0) this.#mustBePublic(host, host);
    const options: RequestOptions = {
      method: 'POST',
      agent: false,
      signal,
      headers: { ...headers, 'content-length': body.length, 'user-agent': 'presage' },
      lookup: (name, wanted, done) => {
        resolve(name, { ...wanted, all: true }, (error, addresses) => {
          if (error) return done(error, []);
          try {
            for (const { address } of addresses) this.#mustBePublic(address, name);
          } catch (refusal) {
            return done(refusal as Error, []);
          }
          const [first] = addresses as [LookupAddress];
          if (wanted.all) done(null, addresses);
          else done(null, first.address, first.family);
        });
      },
    };
    return new Promise((answered, failedWith) => {
      const request = (url.protocol === 'https:' ? https : http).request(url, options, (answer) => {
        answered(answer);
        answer.on('error', () => undefined);
        answer.destroy();
      });
      request.on('error', failedWith);
      request.end(body);
    });
  }

  #mustBePublic(address: string, name: string): void {
    if (this.options.allowPrivate || !isPrivateAddress(address)) return;
    throw new PrivateAddressError(
      `${name} is a private address, which webhooks may not call (budgets.privateWebhooks of the configuration allows it)`,
    );
  }
}

function endOf({ statusCode = 0, headers }: IncomingMessage): WebhookEnd {
  const retryAfterMs = retryAfter(headers['retry-after']);
  if (statusCode >= 200 && statusCode < 300) return { status: statusCode, errorCode: null, retryAfterMs, error: null };
  const error = `it answered ${statusCode}`;
  if (statusCode >= 300 && statusCode < 400) return failed(`${error}: redirections are not followed`, 'unsupported');
  return { status: statusCode, errorCode: null, retryAfterMs, error };
}

function failed(error: string, errorCode: WebhookEnd['errorCode'] = null): WebhookEnd {
  return { status: null, errorCode, retryAfterMs: null, error };
}

/** Seconds alone: a date needs a clock that the other side shares. */
function retryAfter(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}
