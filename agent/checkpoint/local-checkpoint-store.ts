import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { chooseEvictions } from '../../core/checkpoint/eviction';
import {
  assertBelongs,
  assertSameMeta,
  type CheckpointMeta,
  imageBytes,
  parseHeader,
  refusal,
} from '../../core/checkpoint/sealed-format';
import { deriveTenantKeys } from '../../core/crypto/tenant-keys';
import { isPlatformError, PlatformError } from '../../core/error/platform-error';
import type { Digest, ImageStore } from '../../drivers/image-store/image-store';
import { storageError } from '../../drivers/storage-error';
import type { CheckpointStore, LoadedImage } from './checkpoint-store';
import type { OpenJob } from './open-image';
import type { RawImages } from './raw-images';
import type { SealPool } from './seal-pool';

interface Entry extends LoadedImage {
  readonly meta: CheckpointMeta;
  readonly sealed: { readonly digest: Digest; readonly bytes: number };
  lastUsedAt: number;
}

export interface CheckpointStoreParts {
  readonly raw: RawImages;
  readonly pool: SealPool;
  readonly images: ImageStore;
  readonly masterKey: Buffer;
  readonly previousMasterKeys?: readonly Buffer[];
  /** Bound of all raw images together. */
  readonly maxBytes: number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** See CheckpointStore. Knows which raw images are whole, who needs them, and how much memory they take. */
export class LocalCheckpointStore implements CheckpointStore {
  private readonly entries = new Map<string, Entry>();
  /** Work on one checkpoint at a time: seals, loads and drops of it wait for each other. */
  private readonly busy = new Map<string, Promise<unknown>>();
  private readonly pins = new Map<string, number>();
  /** Dropped while pinned; removed with the last pin. */
  private readonly doomed = new Set<string>();
  /** Memory promised to loads under way. */
  private reserved = 0;

  constructor(private readonly parts: CheckpointStoreParts) {}

  /** Takes over what an agent before left whole on the tmpfs. */
  async recover(): Promise<void> {
    for (const { checkpointId, marker, bytes } of await this.parts.raw.recover()) {
      const { meta, sealed } = marker;
      this.entries.set(checkpointId, { checkpointId, bytes, meta, sealed, lastUsedAt: this.parts.now() });
    }
    if (this.entries.size > 0) this.parts.log.info({ images: this.entries.size }, 'raw checkpoint images found again');
    await this.makeRoom(0);
  }

  rawDir(checkpointId: string): string {
    return this.parts.raw.folder(checkpointId);
  }

  async makeRoom(bytes: number): Promise<void> {
    this.reserved += bytes;
    try {
      await this.evictFor(bytes);
    } finally {
      this.reserved -= bytes;
    }
  }

  async seal(checkpointId: string, meta: CheckpointMeta): Promise<{ digest: Digest; bytes: number }> {
    return this.alone(checkpointId, async () => {
      const known = this.entries.get(checkpointId);
      if (known) {
        assertSameMeta(known.meta, meta);
        if (await this.parts.images.stat(known.sealed.digest)) return known.sealed;
      }
      const files = await this.parts.raw.files(checkpointId);
      const bytes = imageBytes(files);
      if (!known) await this.makeRoomBeside(bytes);
      const started = this.parts.now();
      const keys = deriveTenantKeys(this.parts.masterKey, meta.tenant);
      const header = { ...pickMeta(meta), checkpointId, salt: randomBytes(32).toString('hex'), files };
      const pieces = this.parts.pool.seal({ rawDir: this.rawDir(checkpointId), header, keys });
      const sealed = await this.parts.images.put(Readable.from(pieces, { objectMode: false }));
      await this.parts.raw.markComplete(checkpointId, { meta: pickMeta(meta), sealed });
      this.enter(checkpointId, bytes, meta, sealed);
      const ms = this.parts.now() - started;
      this.parts.log.info({ checkpointId, rawBytes: bytes, sealedBytes: sealed.bytes, ms }, 'checkpoint sealed');
      return sealed;
    });
  }

  async load(checkpointId: string, meta: CheckpointMeta, digest: Digest): Promise<string> {
    const ready = this.take(checkpointId, meta, digest);
    if (ready !== null) return ready;
    return this.alone(checkpointId, async () => {
      const loaded = this.take(checkpointId, meta, digest);
      if (loaded !== null) return loaded;
      await this.fetch(checkpointId, meta, digest);
      return this.rawDir(checkpointId);
    });
  }

  pin(checkpointId: string): () => void {
    this.pins.set(checkpointId, (this.pins.get(checkpointId) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.pins.get(checkpointId) ?? 1) - 1;
      if (left > 0) return void this.pins.set(checkpointId, left);
      this.pins.delete(checkpointId);
      if (!this.doomed.has(checkpointId)) return;
      this.drop(checkpointId).catch((error: unknown) => {
        this.parts.log.warn({ checkpointId, error }, 'a dropped checkpoint image could not be removed');
      });
    };
  }

  async drop(checkpointId: string): Promise<void> {
    // Before any wait: from here on nobody is to get it.
    this.doomed.add(checkpointId);
    await this.alone(checkpointId, async () => {
      if (this.pins.has(checkpointId)) return;
      this.entries.delete(checkpointId);
      await this.parts.raw.remove(checkpointId);
      this.doomed.delete(checkpointId);
    });
  }

  loaded(): readonly LoadedImage[] {
    return [...this.entries.values()].map(({ checkpointId, bytes }) => ({ checkpointId, bytes }));
  }

  async close(): Promise<void> {
    await this.parts.pool.close();
    await Promise.allSettled(this.busy.values());
  }

  /** The folder of a loaded image, marked as used; null when it is not loaded. */
  private take(checkpointId: string, meta: CheckpointMeta, digest: Digest): string | null {
    if (this.doomed.has(checkpointId)) throw new PlatformError('not_found', `Checkpoint ${checkpointId} was dropped`);
    const entry = this.entries.get(checkpointId);
    if (!entry) return null;
    assertSameMeta(entry.meta, meta);
    if (entry.sealed.digest !== digest) throw refusal(`its digest is ${entry.sealed.digest}, not ${digest}`);
    entry.lastUsedAt = this.parts.now();
    return this.rawDir(checkpointId);
  }

  /** Verifies the sealed blob into a temporary folder, then publishes it. */
  private async fetch(checkpointId: string, meta: CheckpointMeta, digest: Digest): Promise<void> {
    const { raw, images, log, now } = this.parts;
    const started = now();
    const sealedBytes = (await images.stat(digest))?.bytes ?? 0;
    const bytes = await this.sealedImageBytes(checkpointId, meta, digest);
    const targetDir = raw.temporary();
    this.reserved += bytes;
    try {
      await this.evictFor(bytes);
      await this.open({ targetDir, checkpointId, meta: pickMeta(meta), digest });
      await raw.publish(targetDir, checkpointId);
      await raw.markComplete(checkpointId, { meta: pickMeta(meta), sealed: { digest, bytes: sealedBytes } });
      this.enter(checkpointId, bytes, meta, { digest, bytes: sealedBytes });
    } catch (error) {
      throw storageError(error, `Loading checkpoint ${checkpointId}`);
    } finally {
      this.reserved -= bytes;
      await raw.discard(targetDir);
    }
    log.info({ checkpointId, rawBytes: bytes, sealedBytes, ms: now() - started }, 'checkpoint loaded and verified');
  }

  /** What an older master key sealed looks like something altered: it counts as refused when no key opens it. */
  private async open(job: Omit<OpenJob, 'keys'>): Promise<void> {
    const { raw, pool, images, masterKey, previousMasterKeys = [] } = this.parts;
    for (const [tries, key] of [masterKey, ...previousMasterKeys].entries()) {
      try {
        const keys = deriveTenantKeys(key, job.meta.tenant);
        return await pool.open({ ...job, keys }, await images.open(job.digest));
      } catch (error) {
        const refused = isPlatformError(error) && error.code === 'checkpoint_refused';
        if (!refused || tries === previousMasterKeys.length) throw error;
        await raw.discard(job.targetDir);
      }
    }
  }

  /** Reads only the header, so that a foreign checkpoint is refused before anything is evicted for it. */
  private async sealedImageBytes(checkpointId: string, meta: CheckpointMeta, digest: Digest): Promise<number> {
    let start = Buffer.alloc(0);
    for await (const chunk of (await this.parts.images.open(digest)) as AsyncIterable<Buffer>) {
      start = Buffer.concat([start, chunk]);
      const parsed = parseHeader(start);
      if (!parsed) continue;
      assertBelongs(parsed.header, checkpointId, meta);
      return imageBytes(parsed.header.files);
    }
    throw refusal('it is cut short');
  }

  private enter(checkpointId: string, bytes: number, meta: CheckpointMeta, sealed: Entry['sealed']): void {
    const lastUsedAt = this.parts.now();
    this.entries.set(checkpointId, { checkpointId, bytes, meta: pickMeta(meta), sealed, lastUsedAt });
  }

  /** Room for an image that is on the tmpfs already: only the bound counts, not what the file system has left. */
  private async makeRoomBeside(bytes: number): Promise<void> {
    this.reserved += bytes;
    try {
      await this.evictFor(0);
    } finally {
      this.reserved -= bytes;
    }
  }

  /** Evicts until the bound holds with what is reserved, and `fresh` bytes of it fit the file system as well. */
  private async evictFor(fresh: number): Promise<void> {
    const { maxBytes, now, raw, log } = this.parts;
    const used = [...this.entries.values()].reduce((sum, entry) => sum + entry.bytes, this.reserved);
    const candidates = [...this.entries.values()].filter(
      ({ checkpointId }) => !this.pins.has(checkpointId) && !this.busy.has(checkpointId),
    );
    const victims = chooseEvictions(candidates, used - maxBytes, now());
    if (victims === null) throw this.full(`${used - maxBytes} bytes more than agent.images allows are in use`);
    for (const checkpointId of victims) this.entries.delete(checkpointId);
    // All begin now: who asks for one of them again waits behind its removal.
    await Promise.all(victims.map((checkpointId) => this.alone(checkpointId, () => raw.remove(checkpointId))));
    if (victims.length > 0) log.info({ victims }, 'raw checkpoint images evicted');
    const free = await raw.freeBytes();
    if (free < fresh) throw this.full(`${fresh} bytes are needed and ${free} are free`);
  }

  private full(why: string): PlatformError {
    return new PlatformError('storage_full', `No memory is left for raw checkpoint images: ${why}`, {
      hint: 'Raise agent.images, or lower the number of functions with live restored instances on this node.',
    });
  }

  /** Runs `work` after all earlier work on this checkpoint. */
  private async alone<T>(checkpointId: string, work: () => Promise<T>): Promise<T> {
    const before = this.busy.get(checkpointId) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.busy.set(checkpointId, settled);
    try {
      return await mine;
    } finally {
      if (this.busy.get(checkpointId) === settled) this.busy.delete(checkpointId);
    }
  }
}

/** Callers may hand over more than belongs into a header. */
function pickMeta({ tenant, revisionId, codeDigest, hostKey }: CheckpointMeta): CheckpointMeta {
  return { tenant, revisionId, codeDigest, hostKey };
}
