import type { IncomingMessage } from 'node:http';
import { isWebhookToken, webhookToken, WebhookSignature } from '../../core/async/webhook';
import { PlatformError } from '../../core/error/platform-error';
import type { TriggerSpec } from '../../core/function/trigger-spec';
import type { RouteTable } from '../invocation/route-table';
import type { SecretReader } from '../invocation/run-spec-source';
import type { AsyncDoor } from './async-door';

/** What the URL of a webhook says. */
export interface WebhookName {
  readonly tenant: string;
  readonly function: string;
  readonly trigger: string;
  readonly token: string;
}

export interface WebhookDoorContext {
  readonly door: Pick<AsyncDoor, 'accept'>;
  readonly routes: Pick<RouteTable, 'resolve'>;
  readonly readSecrets: SecretReader;
  /** The current one first; URLs made under those before it stay good as long as they are kept. */
  readonly masterKeys: readonly [Buffer, ...Buffer[]];
}

/** Takes what other systems send to the URLs of `spec.triggers` in; they have no key, so the URL and a signature prove them. */
export class WebhookDoor {
  constructor(private readonly context: WebhookDoorContext) {}

  /** Path of a webhook's URL, below the address of the gateway. */
  pathOf(fn: { tenant: string; function: string; functionId: string }, trigger: string): string {
    const token = webhookToken(this.context.masterKeys[0], fn.functionId, trigger);
    return `/hooks/${fn.tenant}/${fn.function}/${trigger}/${token}`;
  }

  /**
   * Writes the request down and gives the id of the invocation.
   * @param query of the caller's URL, without "?"
   * @throws PlatformError not_found, for whatever is wrong with the URL; forbidden for a wrong signature; what AsyncDoor
   * throws
   */
  async accept(request: IncomingMessage, name: WebhookName, query: string): Promise<string> {
    const trigger = this.#find(name);
    if (!trigger?.webhook) {
      throw new PlatformError('not_found', 'There is no such webhook', {
        hint: 'GET /v1/functions/{name}/triggers tells the URLs of a function’s webhooks.',
      });
    }
    const { secret, signatureHeader } = trigger.webhook;
    const proof = secret === undefined ? undefined : await this.#proof(request, name.tenant, secret, signatureHeader);
    const path = query === '' ? trigger.path : `${trigger.path}${trigger.path.includes('?') ? '&' : '?'}${query}`;
    return this.context.door.accept(request, {
      target: { tenant: name.tenant, function: name.function, alias: 'live', path },
      origin: 'webhook',
      method: trigger.method,
      headers: [...Object.entries(trigger.headers).flat(), 'x-trigger-name', trigger.name],
      ...(proof === undefined ? {} : { proof }),
    });
  }

  #find({ tenant, function: fn, trigger: name, token }: WebhookName): TriggerSpec | undefined {
    const route = this.context.routes.resolve({ tenant, function: fn, alias: 'live' }, 0);
    if (!route) return undefined;
    const { functionId, manifest } = route.revision;
    const { masterKeys } = this.context;
    if (!masterKeys.some((key) => isWebhookToken(token, webhookToken(key, functionId, name)))) return undefined;
    // Revisions stored before there were triggers have no such list.
    const triggers = (manifest.spec as { triggers?: readonly TriggerSpec[] }).triggers ?? [];
    return triggers.find((candidate) => candidate.name === name && candidate.webhook !== undefined);
  }

  async #proof(request: IncomingMessage, tenant: string, secret: string, header: string) {
    const value = (await this.context.readSecrets(tenant, [secret])).get(secret);
    if (value === undefined) throw new PlatformError('unavailable', 'The secret of the webhook is not set');
    const signature = new WebhookSignature(value);
    return {
      update: (chunk: Buffer): void => signature.update(chunk),
      check: (): void => {
        if (signature.matches(String(request.headers[header] ?? ''))) return;
        throw new PlatformError('forbidden', `The body is not signed as the header ${header} must say`, {
          hint: 'It is the HMAC-SHA256 of the body with the shared secret, in hexadecimal, perhaps after "sha256=".',
        });
      },
    };
  }
}
