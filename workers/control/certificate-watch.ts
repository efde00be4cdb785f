import type { Logger } from 'pino';
import type { AgentClient } from '../../agent/rpc/agent-client';
import { toPlatformError } from '../../core/error/platform-error';
import { renewalDue } from '../../core/node/certificate-life';
import { AGENT_ROLE, serverNameOf } from '../../core/node/certificate-names';
import type { Authority } from '../../drivers/certificates/authority';
import type { Store } from '../../drivers/store/store';
import { LookLoop } from './look-loop';

export interface CertificateWatchOptions {
  readonly store: Pick<Store, 'nodes' | 'writeEvents'>;
  /** Null as long as there is none: no node has been invited. */
  readonly authority: () => Promise<Authority | null>;
  /** Renews what gateways and control workers show, where it is time. True when it did. */
  readonly renewOwn: () => Promise<boolean>;
  /** @throws PlatformError not_found */
  readonly agent: (node: string) => Promise<Pick<AgentClient, 'certificate' | 'installCertificate'>>;
  /** Nodes that the configuration names have certificates that somebody else makes. */
  readonly declared: ReadonlySet<string>;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly everyMs?: number;
}

const LOOK_MS = 3_600_000;

/** Has the certificates of the platform's own authority renewed before two thirds of their life are over. */
export class CertificateWatch {
  readonly #loop: LookLoop;

  constructor(private readonly options: CertificateWatchOptions) {
    this.#loop = new LookLoop({
      everyMs: options.everyMs ?? LOOK_MS,
      look: () => this.#lookOnce(),
      failed: (error) => options.log.warn({ err: error }, 'The certificates cannot be looked at'),
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** One look at a time; never rejects. */
  look(): Promise<void> {
    return this.#loop.look();
  }

  async #lookOnce(): Promise<void> {
    const { store, authority, renewOwn, declared, log } = this.options;
    const signer = await authority();
    if (!signer) return;
    if (await renewOwn())
      log.info({ event: 'platform.certificate-renewed' }, 'The platform has renewed its certificate');
    for (const { name, address } of await store.nodes()) {
      if (declared.has(name) || address.startsWith('unix:')) continue;
      try {
        await this.#renew(name, signer);
      } catch (error) {
        const { code, message } = toPlatformError(error);
        if (code !== 'unsupported') log.warn({ node: name, code, reason: message }, 'A certificate is not renewed yet');
      }
    }
  }

  async #renew(node: string, signer: Authority): Promise<void> {
    const { agent, now, store, log } = this.options;
    const client = await agent(node);
    const { requestPem, notBeforeMs, notAfterMs } = await client.certificate();
    if (!renewalDue({ notBefore: new Date(notBeforeMs), notAfter: new Date(notAfterMs) }, now())) return;
    const owner = { commonName: node, role: AGENT_ROLE, serverName: serverNameOf(node) };
    await client.installCertificate(signer.sign(requestPem, owner));
    log.info({ event: 'node.certificate-renewed', node }, 'A node has a new certificate');
    const event = { at: now(), tenant: null, type: 'node.certificate-renewed', function: null, node, data: {} };
    await store.writeEvents([event]);
  }
}
