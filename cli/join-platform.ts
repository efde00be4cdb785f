import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PlatformError } from '../core/error/platform-error';
import { JOINED_LABEL } from '../core/node/certificate-names';
import { newCertificateRequest } from '../core/node/certificate-request';
import { requireAuthority } from '../core/node/join-token';
import { newRsaKey } from '../core/node/rsa-key';
import { checkNeeds, type JoinNeed } from './join-needs';

const answerSchema = z.object({
  node: z.string(),
  tier: z.string(),
  region: z.string(),
  certificate: z.string(),
  authority: z.string(),
  masterKeyId: z.string(),
  blob: z.string(),
});

export interface JoinWish {
  /** Of the gateway. */
  readonly url: string;
  readonly token: string;
  /** Where the agent will listen, and be reached: `host:port`. */
  readonly address: string;
  /** Where gateways will reach its instances, `host:port`; default: the port after that of `address`. */
  readonly relay?: string | undefined;
  /** URL of the platform's PostgreSQL as it is reached from here. */
  readonly postgres?: string | undefined;
  /** File with the platform's master key. */
  readonly masterKey?: string | undefined;
  /** The data folder of the node. */
  readonly folder: string;
}

export interface Joined {
  readonly node: string;
  /** The configuration that was written. */
  readonly config: string;
  readonly needs: readonly JoinNeed[];
}

/**
 * Makes a key, has it signed by the platform, and writes both with a configuration for the agent. The key stays here.
 * @throws PlatformError what the gateway answers; forbidden when it is not of the platform that made the token; unavailable
 */
export async function joinPlatform({ url, token, folder, ...wish }: JoinWish): Promise<Joined> {
  const { address, postgres, masterKey } = wish;
  const relay = wish.relay ?? nextPort(address);
  const key = await newRsaKey();
  const answer = await ask(new URL('/nodes/join', url), { token, request: await newCertificateRequest(key, 'node') });
  const { node, tier, region, certificate, authority } = answer;
  requireAuthority(token, authority);

  const secrets = path.join(folder, 'secrets');
  await mkdir(secrets, { recursive: true, mode: 0o700 });
  const put = async (name: string, text: string): Promise<string> => {
    const file = path.join(secrets, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const tls = {
    ca: await put('authority.crt', authority),
    cert: await put('agent.crt', certificate),
    key: await put('agent.key', key),
  };
  const { stringify } = await import('yaml');
  const config = path.join(folder, 'presage.yaml');
  await writeFile(
    config,
    stringify({
      dataDir: folder,
      nodes: [{ name: node, tier, region, address, relay, labels: { [JOINED_LABEL]: 'true' } }],
      agent: { tls },
      ...(postgres === undefined ? {} : { postgres: { url: postgres } }),
      ...(masterKey === undefined ? {} : { secrets: { keyFile: masterKey } }),
    }),
    { mode: 0o600 },
  );
  const { masterKeyId, blob } = answer;
  const needs = await checkNeeds({ folder, postgres, masterKey, relay, masterKeyId, blob });
  return { node, config, needs };
}

/** @throws PlatformError invalid_argument for what is no host:port */
function nextPort(address: string): string {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  if (host !== undefined && Number(port) < 65_535) return `${host}:${Number(port) + 1}`;
  throw new PlatformError('invalid_argument', `"${address}" is no host:port`, { hint: 'E.g. 192.0.2.7:7443' });
}

async function ask(url: URL, body: object): Promise<z.infer<typeof answerSchema>> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }).catch((error: unknown) => {
    throw new PlatformError('unavailable', `The gateway ${url.origin} cannot be reached`, { cause: error });
  });
  const value: unknown = await answer.json().catch(() => null);
  if (answer.ok) return answerSchema.parse(value);
  const { detail = `The gateway answered ${answer.status}`, hint } = (value ?? {}) as {
    detail?: string;
    hint?: string;
  };
  throw new PlatformError('forbidden', detail, hint === undefined ? {} : { hint });
}
