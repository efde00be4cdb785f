import { randomBytes } from 'node:crypto';
import { NONCE_BYTES } from '../../core/crypto/data-key';
import { sealSecret } from '../../core/crypto/secret-box';
import type { SecretVault } from '../secrets/secret-vault';
import type { AuthorityStore } from '../store/authority-store';
import type { Authority } from './authority';
import { parseAuthorityFiles, readAuthorityFiles, writeAuthorityFiles } from './authority-files';
import { ensureAuthority, renewPlatformCertificate } from './local-authority';

export interface SharedAuthorityOptions {
  readonly store: AuthorityStore;
  readonly vault: SecretVault;
  /** Where this process has its copy, as files: what opens connections reads them. */
  readonly dataDir: string;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** Under whose data key it is sealed, and as what: no secret that a function names can be called so. */
const OWNER = { tenant: 'default', name: '.authority' };
/** What another process has made or renewed is taken over within this time. */
const FRESH_MS = 5_000;

/**
 * The platform's own authority, of which every gateway and control worker has a copy: whichever of them makes a token, all of
 * them keep it. It is kept sealed in the store; the first one counts, also where several make one at the same time.
 */
export class SharedAuthority {
  #known: Buffer | null = null;
  #freshUntil = 0;
  #following: Promise<boolean> | undefined;

  constructor(private readonly options: SharedAuthorityOptions) {}

  /** Made with the first call. @throws PlatformError unavailable, storage_full, internal (under a foreign master key) */
  async ensure(): Promise<Authority> {
    const { dataDir, now = Date.now } = this.options;
    if (!(await this.#follow())) {
      await ensureAuthority(dataDir, now);
      await this.#follow();
    }
    return ensureAuthority(dataDir, now);
  }

  /** The copy of this process is that of the store, give or take some seconds. Null: no node has been invited yet. */
  async find(): Promise<Authority | null> {
    return (await this.follow()) ? ensureAuthority(this.options.dataDir, this.options.now ?? Date.now) : null;
  }

  /** @returns whether there is one @throws PlatformError as `ensure` */
  async follow(): Promise<boolean> {
    if (this.#known && performance.now() < this.#freshUntil) return true;
    return (this.#following ??= this.#follow().finally(() => (this.#following = undefined)));
  }

  /** Renews the certificate that gateways and control workers show, where it is time; one of them does. @returns whether it did */
  async renew(): Promise<boolean> {
    const { store, dataDir, now = Date.now } = this.options;
    if (!(await this.#follow())) return false;
    const before = this.#known;
    if (!before || !(await renewPlatformCertificate(dataDir, now))) return false;
    const renewed = await store.renewAuthority(before, await this.#seal());
    await this.#follow();
    return renewed;
  }

  async #follow(): Promise<boolean> {
    const { store, vault, dataDir } = this.options;
    // From before it was shared, or just made.
    const kept = (await store.authority()) ?? ((await readAuthorityFiles(dataDir)) && (await store.keepAuthority(await this.#seal()))); // prettier-ignore
    if (!kept) return false;
    this.#freshUntil = performance.now() + FRESH_MS;
    if (this.#known?.equals(kept)) return true;
    const text = await vault.open(OWNER.tenant, OWNER.name, kept);
    await writeAuthorityFiles(dataDir, parseAuthorityFiles(text.toString('utf8')));
    this.#known = kept;
    return true;
  }

  async #seal(): Promise<Buffer> {
    const { vault, dataDir } = this.options;
    const text = JSON.stringify(await readAuthorityFiles(dataDir));
    return sealSecret(await vault.newestDataKey(OWNER.tenant), OWNER, text, randomBytes(NONCE_BYTES));
  }
}
