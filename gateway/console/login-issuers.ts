import { z } from 'zod';
import { discoveryUrl, getJson } from '../auth/oidc/get-json';
import { isTrusted, type IssuerSettings } from '../auth/oidc/issuer-settings';
import type { ConsoleConfig, ConsoleIssuer } from './console-config';

/** What an issuer says of itself is asked for again after so long; after a failure sooner. */
const FRESH_MS = 5 * 60_000;
const RETRY_MS = 10_000;

const endpoint = z.string().refine(isTrusted);
const documentSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
});

type Found = Pick<ConsoleConfig, 'issuers' | 'unreachable'>;

/** Where people log in at the console: asked of the issuers when somebody first wants to know. */
export class LoginIssuers {
  readonly #issuers: readonly IssuerSettings[];
  #found: Promise<Found> | undefined;
  #until = -Infinity;

  constructor(
    issuers: readonly IssuerSettings[],
    private readonly options: {
      readonly log: { warn(fields: object, message: string): void };
      /** Unix milliseconds. */
      readonly now: () => Date;
    },
  ) {
    this.#issuers = issuers.filter(({ console: login }) => login);
  }

  /** Never rejects: an issuer that is away is told as such. */
  find(): Promise<Found> {
    const now = this.options.now().getTime();
    if (this.#found && now < this.#until) return this.#found;
    this.#until = now + FRESH_MS;
    return (this.#found = this.#ask());
  }

  async #ask(): Promise<Found> {
    const issuers: ConsoleIssuer[] = [];
    const unreachable: string[] = [];
    for (const settings of this.#issuers) {
      try {
        issuers.push(await loginOf(settings));
      } catch (error) {
        unreachable.push(settings.issuer);
        this.options.log.warn({ err: error, issuer: settings.issuer }, 'An issuer does not say where to log in');
      }
    }
    if (unreachable.length > 0) this.#until = this.options.now().getTime() + RETRY_MS;
    return { issuers, unreachable };
  }
}

async function loginOf({ issuer, console: login }: IssuerSettings): Promise<ConsoleIssuer> {
  const document = documentSchema.parse(await getJson(discoveryUrl(issuer)));
  if (!login || document.issuer !== issuer) throw new Error(`${issuer} calls itself ${document.issuer}`);
  const { authorization_endpoint: authorizationEndpoint, token_endpoint: tokenEndpoint } = document;
  return { issuer, ...login, authorizationEndpoint, tokenEndpoint };
}
