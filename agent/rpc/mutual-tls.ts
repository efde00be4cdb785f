import { createSecureContext, type SecureContext } from 'node:tls';
import type { experimental } from '@grpc/grpc-js';
import { markOfFiles, readTlsIdentity } from '../../drivers/certificates/tls-files';
import { readSettingFile } from '../../drivers/setting-file';
import type { AgentTlsSettings } from './agent-tls';

/** What node:tls takes of the files. */
export interface MutualIdentity {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

type Listeners<Update> = Set<(update: Update) => void>;

const LOOK_MS = 2_000;

/**
 * Files with which both ends of a connection show themselves. A renewed certificate counts for connections from then on; those
 * that are open stay, and a file that is no good changes nothing.
 */
export class MutualTls implements experimental.CertificateProvider {
  readonly #settings: AgentTlsSettings;
  readonly #ca: Buffer;
  readonly #identities: Listeners<experimental.IdentityCertificateUpdate> = new Set();
  #identity: MutualIdentity;
  #context: SecureContext | undefined;
  #mark: string;
  #lookedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /** @throws PlatformError invalid_argument that names the file */
  constructor(settings: AgentTlsSettings) {
    this.#settings = settings;
    const [ca] = (['ca', 'cert', 'key'] as const).map((name) => readSettingFile(`agent.tls.${name}`, settings[name]));
    this.#ca = ca as Buffer;
    this.#mark = this.#markNow();
    this.#identity = this.#read();
  }

  current(): MutualIdentity {
    this.#look();
    return this.#identity;
  }

  /** The same, ready for many connections. */
  context(): SecureContext {
    const identity = this.current();
    return (this.#context ??= createSecureContext({ ...identity, minVersion: 'TLSv1.2' }));
  }

  /** @param changed told of a renewed certificate, until the function that is returned is called */
  watch(changed: (identity: MutualIdentity) => void): () => void {
    const listener = (): void => changed(this.#identity);
    this.#add(listener);
    return () => this.removeIdentityCertificateListener(listener);
  }

  /** The authority stays as it is. */
  addCaCertificateListener(listener: (update: experimental.CaCertificateUpdate) => void): void {
    // Who is told wants to have been entered first.
    process.nextTick(listener, { caCertificate: this.#ca });
  }

  removeCaCertificateListener(): void {
    // Nobody was kept.
  }

  addIdentityCertificateListener(listener: (update: experimental.IdentityCertificateUpdate) => void): void {
    process.nextTick(listener, this.#update());
    this.#add(listener);
  }

  removeIdentityCertificateListener(listener: (update: experimental.IdentityCertificateUpdate) => void): void {
    this.#identities.delete(listener);
    if (this.#identities.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #add(listener: (update: experimental.IdentityCertificateUpdate) => void): void {
    this.#identities.add(listener);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  #look(): void {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    const mark = this.#markNow();
    if (mark === this.#mark) return;
    this.#mark = mark;
    try {
      this.#identity = this.#read();
    } catch {
      // Half written, or not to be read: what was good before still is.
      return;
    }
    this.#context = undefined;
    for (const listener of this.#identities) listener(this.#update());
  }

  #read(): MutualIdentity {
    return { ca: this.#ca, ...readTlsIdentity(this.#settings) };
  }

  #markNow(): string {
    return markOfFiles(this.#settings.cert, this.#settings.key);
  }

  #update(): experimental.IdentityCertificateUpdate {
    return { certificate: this.#identity.cert, privateKey: this.#identity.key };
  }
}
