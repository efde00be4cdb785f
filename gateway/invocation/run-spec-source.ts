import { runSpecOf } from '../../core/function/run-spec-of';
import type { RevisionRecord } from '../../drivers/store/store';

/** Opens the secrets of a tenant: values by name, of those that exist. */
export type SecretReader = (tenant: string, names: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export interface RunSpecSourceOptions {
  /** Secrets older than this are read again, in milliseconds. Default 15 s. */
  readonly maxAgeMs?: number;
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
}

interface Entry {
  readonly json: string;
  readonly readAt: number;
}

/**
 * Run specs as the JSON text that agents take. Made once per revision; one with secrets is refreshed in the background
 * when it has aged, so that a new value reaches new instances soon and a start never waits for the store.
 */
export class RunSpecSource {
  readonly #entries = new Map<string, Entry>();
  readonly #reading = new Map<string, Promise<Entry>>();

  constructor(
    private readonly readSecrets: SecretReader,
    private readonly options: RunSpecSourceOptions = {},
  ) {}

  /** @throws PlatformError start_failed when a secret is not set; whatever the store throws on the first read */
  async of(revision: RevisionRecord): Promise<string> {
    const entry = this.#entries.get(revision.id);
    const now = this.#now();
    const aged = entry !== undefined && now - entry.readAt > (this.options.maxAgeMs ?? 15_000);
    if (entry && !(aged && revision.manifest.spec.secrets.length > 0)) return entry.json;
    const reading = this.#read(revision, now);
    if (!entry) return (await reading).json;
    // The old value serves this start; a failed refresh is tried again by the next one.
    reading.catch(() => undefined);
    return entry.json;
  }

  /** Forgets a revision that nothing points at any more. */
  forget(revisionId: string): void {
    this.#entries.delete(revisionId);
  }

  #now(): number {
    return this.options.now?.() ?? performance.now();
  }

  #read(revision: RevisionRecord, now: number): Promise<Entry> {
    let reading = this.#reading.get(revision.id);
    if (!reading) {
      reading = this.#fetch(revision, now).finally(() => this.#reading.delete(revision.id));
      this.#reading.set(revision.id, reading);
    }
    return reading;
  }

  async #fetch(revision: RevisionRecord, now: number): Promise<Entry> {
    const names = revision.manifest.spec.secrets.map((secret) => secret.name);
    const secrets = names.length === 0 ? undefined : await this.readSecrets(revision.tenant, names);
    const entry = { json: JSON.stringify(runSpecOf(revision, secrets)), readAt: now };
    this.#entries.set(revision.id, entry);
    return entry;
  }
}
