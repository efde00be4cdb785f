import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Files of one certificate with its key. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority in a temporary folder, by the openssl program. */
export class TestAuthority {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'presage-ca-'));
  readonly ca = path.join(this.folder, 'ca.pem');
  #made = 0;

  constructor() {
    const subject = ['-subj', '/CN=test authority', '-days', '2', '-keyout', this.#file('ca.key'), '-out', this.ca];
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject);
  }

  /** For 127.0.0.1 and localhost. */
  issue(name: string): TestCertificate {
    const id = `${++this.#made}`;
    const [cert, key, csr, extensions] = ['pem', 'key', 'csr', 'ext'].map((end) => this.#file(`${id}.${end}`)) as [string, string, string, string]; // prettier-ignore
    writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    const request = ['-subj', `/CN=${name}`, '-keyout', key, '-out', csr];
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...request);
    const signer = ['-CA', this.ca, '-CAkey', this.#file('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', csr, '-out', cert, '-extfile', extensions, ...signer);
    return { cert, key };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #file(name: string): string {
    return path.join(this.folder, name);
  }
}

function openssl(...argv: string[]): void {
  execFileSync('openssl', argv, { stdio: 'pipe' });
}
