import { randomUUID, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { PlatformError } from '../../core/error/platform-error';
import { AGENT_ROLE } from '../../core/node/certificate-names';
import { newCertificateRequest } from '../../core/node/certificate-request';
import { storageError } from '../../drivers/storage-error';
import type { AgentTlsSettings } from '../rpc/agent-tls';
import type { CertificateReply } from '../rpc/agent-messages';

/**
 * The certificate of an agent that joined by a token, as the platform renews it: the platform asks for a request, signs it, and
 * hands the certificate over. The key stays what and where it is, so that one file changes, and at once.
 */
export class OwnCertificate {
  constructor(private readonly tls: AgentTlsSettings) {}

  /** @throws PlatformError unsupported where the certificate is not of the platform's own authority */
  async request(): Promise<CertificateReply> {
    const current = this.#current();
    if (!current.subject.split('\n').includes(`OU=${AGENT_ROLE}`)) {
      throw new PlatformError('unsupported', 'The certificate of this agent is not one that the platform renews');
    }
    const key = readFileSync(this.tls.key, 'utf8');
    return {
      requestPem: await newCertificateRequest(key, 'node'),
      notBeforeMs: Date.parse(current.validFrom),
      notAfterMs: Date.parse(current.validTo),
    };
  }

  /**
   * Puts it in the place of the one before; new connections show it within seconds, and those that are open stay.
   * @throws PlatformError invalid_argument when it is not for this key and name, by this authority, and good for longer
   */
  async install(certificatePem: string): Promise<void> {
    const current = this.#current();
    const next = parse(certificatePem);
    const authority = parse(readFileSync(this.tls.ca, 'utf8'));
    const wrong = [
      next.publicKey.equals(current.publicKey) ? null : 'it is for another key',
      next.subject === current.subject && next.subjectAltName === current.subjectAltName
        ? null
        : 'it is for another name',
      next.verify(authority.publicKey) ? null : 'it is by another authority',
      Date.parse(next.validTo) > Date.parse(current.validTo) ? null : 'it is good for no longer',
    ].filter((problem) => problem !== null);
    if (wrong.length > 0)
      throw new PlatformError('invalid_argument', `The certificate is refused: ${wrong.join(', ')}`);
    const temporary = `${this.tls.cert}.${randomUUID()}`;
    try {
      await writeFile(temporary, certificatePem, { mode: 0o600, flush: true });
      await rename(temporary, this.tls.cert);
    } catch (error) {
      await rm(temporary, { force: true });
      throw storageError(error, 'Writing the certificate of the agent');
    }
  }

  #current(): X509Certificate {
    return parse(readFileSync(this.tls.cert, 'utf8'));
  }
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new PlatformError('invalid_argument', 'This is no certificate in PEM', { cause: error });
  }
}
