import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  open as openFile,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  type CheckpointStore,
  type CheckpointStoreOptions,
  createCheckpointStore,
} from '../../../agent/checkpoint/checkpoint-store';
import { unmountImages } from '../../../agent/checkpoint/images-mount';
import type { ImageStore } from '../../../drivers/image-store/image-store';
import { createLocalImageStore } from '../../../drivers/image-store/local/local-image-store';

const MiB = 1024 * 1024;
const meta = { tenant: 'acme', revisionId: 'r1', codeDigest: 'sha256:aa', hostKey: 'linux-6' };
const log = { info: () => undefined, warn: () => undefined };
jest.setTimeout(60_000);

let root: string;
let imagesDir: string;
let images: ImageStore;
let clock: number;
let open: CheckpointStore[];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'presage-checkpoints-'));
  imagesDir = path.join(root, 'images');
  images = createLocalImageStore(path.join(root, 'blobs'));
  clock = 1_000_000;
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((store) => store.close()));
  await rm(root, { recursive: true, force: true });
});

async function newStore(change: Partial<CheckpointStoreOptions> = {}): Promise<CheckpointStore> {
  const defaults = { imagesDir, images, masterKey: Buffer.alloc(32, 1), maxBytes: 64 * MiB, mount: false };
  const store = await createCheckpointStore({ ...defaults, log, now: () => clock, ...change });
  open.push(store);
  return store;
}

/** What a sandbox driver does: writes a raw image. */
async function dump(store: CheckpointStore, id: string, bytes: number): Promise<Buffer> {
  const pages = Buffer.concat([randomBytes(Math.floor(bytes / 2)), Buffer.alloc(Math.ceil(bytes / 2))]);
  await mkdir(store.rawDir(id), { recursive: true });
  await writeFile(path.join(store.rawDir(id), 'pages-1.img'), pages);
  await writeFile(path.join(store.rawDir(id), 'core-1.img'), `registers of ${id}`);
  return pages;
}

async function sealed(store: CheckpointStore, id: string, bytes = MiB): Promise<{ digest: string; pages: Buffer }> {
  const pages = await dump(store, id, bytes);
  const { digest } = await store.seal(id, meta);
  clock += 1000;
  return { digest, pages };
}

const loadedIds = (store: CheckpointStore): string[] =>
  store
    .loaded()
    .map((image) => image.checkpointId)
    .sort();

describe('checkpoint store', () => {
  it('seals, forgets and brings back an image, byte for byte', async () => {
    const store = await newStore();
    const { digest, pages } = await sealed(store, 'c1', 5 * MiB + 17);
    expect(loadedIds(store)).toEqual(['c1']);
    await store.drop('c1');
    expect(loadedIds(store)).toEqual([]);
    expect(await readdir(imagesDir)).toEqual([]);
    const folder = await store.load('c1', meta, digest);
    expect(folder).toBe(store.rawDir('c1'));
    expect((await readFile(path.join(folder, 'pages-1.img'))).equals(pages)).toBe(true);
    expect(await readFile(path.join(folder, 'core-1.img'), 'utf8')).toBe('registers of c1');
  });

  it('seals once, however often it is asked', async () => {
    const store = await newStore();
    const first = await sealed(store, 'c1');
    expect((await store.seal('c1', meta)).digest).toBe(first.digest);
    const again = await newStore();
    expect((await again.seal('c1', meta)).digest).toBe(first.digest);
  });

  it('opens what an older master key sealed while that is known, and no longer', async () => {
    const { digest } = await sealed(await newStore(), 'c1');
    await rm(imagesDir, { recursive: true });
    const masterKey = Buffer.alloc(32, 2);
    const turned = await newStore({ masterKey, previousMasterKeys: [Buffer.alloc(32, 3), Buffer.alloc(32, 1)] });
    const folder = await turned.load('c1', meta, digest);
    expect(await readFile(path.join(folder, 'core-1.img'), 'utf8')).toBe('registers of c1');
    await rm(imagesDir, { recursive: true });
    const after = await newStore({ masterKey });
    await expect(after.load('c1', meta, digest)).rejects.toMatchObject({ code: 'checkpoint_refused' });
  });

  it('says what to do when there is no raw image to seal', async () => {
    const store = await newStore();
    await expect(store.seal('c1', meta)).rejects.toMatchObject({
      code: 'checkpoint_failed',
      hint: 'Make the checkpoint again.',
    });
    for (const id of ['../escape', '', 'a/b', '.tmp-x', 'a.complete']) {
      expect(() => store.rawDir(id)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    }
  });

  it('shares one load among all that ask at the same time', async () => {
    let opened = 0;
    const counting = { ...images, open: (digest: string) => ((opened += 1), images.open(digest)) };
    const store = await newStore({ images: counting });
    const { digest } = await sealed(store, 'c1');
    await store.drop('c1');
    const folders = await Promise.all(Array.from({ length: 10 }, () => store.load('c1', meta, digest)));
    expect(new Set(folders).size).toBe(1);
    // Once for the header, once for the whole.
    expect(opened).toBe(2);
  });

  it.each([true, false])('refuses another tenant, host, code or revision (image loaded: %s)', async (isLoaded) => {
    const store = await newStore();
    const { digest } = await sealed(store, 'c1');
    await sealed(store, 'c2');
    if (!isLoaded) await store.drop('c1');
    for (const change of [{ tenant: 'rival' }, { hostKey: 'other' }, { codeDigest: 'x' }, { revisionId: 'r2' }]) {
      await expect(store.load('c1', { ...meta, ...change }, digest)).rejects.toMatchObject({
        code: 'checkpoint_refused',
      });
    }
    await expect(store.load('c2', meta, digest)).rejects.toMatchObject({ code: 'checkpoint_refused' });
    await expect(store.load('c1', meta, digest)).resolves.toBeDefined();
  });

  it('refuses an altered blob, publishes nothing of it, and goes on working', async () => {
    const store = await newStore();
    const { digest } = await sealed(store, 'c1', 3 * MiB);
    await store.drop('c1');
    const good = await buffer(await images.open(digest));
    for (const at of [300, Math.floor(good.length / 2), good.length - 1]) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      const altered = await newStore({ images: { ...images, open: async () => Readable.from([bad]) } });
      await expect(altered.load('c1', meta, digest)).rejects.toMatchObject({ code: 'checkpoint_refused' });
      expect(await readdir(imagesDir)).toEqual([]);
    }
    await expect(store.load('c1', meta, digest)).resolves.toBeDefined();
  });

  it('passes on a blob that is missing or breaks off, and leaves nothing', async () => {
    const store = await newStore();
    const { digest } = await sealed(store, 'c1', 3 * MiB);
    await store.drop('c1');
    const start = (await buffer(await images.open(digest))).subarray(0, MiB);
    const breaking = async (): Promise<Readable> =>
      Readable.from(
        (async function* () {
          yield start;
          throw new Error('connection lost');
        })(),
      );
    const flaky = await newStore({ images: { ...images, open: breaking } });
    await expect(flaky.load('c1', meta, digest)).rejects.toThrow('connection lost');
    await images.delete(digest);
    await expect(store.load('c1', meta, digest)).rejects.toMatchObject({ code: 'not_found' });
    expect(await readdir(imagesDir)).toEqual([]);
  });

  it('keeps to its bound by evicting what is worth least, never what is pinned', async () => {
    const store = await newStore({ maxBytes: 7 * MiB });
    const digests = new Map<string, string>();
    for (const id of ['c1', 'c2', 'c3']) digests.set(id, (await sealed(store, id, 2 * MiB)).digest);
    const release = store.pin('c1');
    digests.set('c4', (await sealed(store, 'c4', 2 * MiB)).digest);
    expect(loadedIds(store)).toEqual(['c1', 'c3', 'c4']);
    const held = [store.pin('c3'), store.pin('c4')];
    await expect(store.load('c2', meta, digests.get('c2') as string)).rejects.toMatchObject({ code: 'storage_full' });
    await expect(store.makeRoom(2 * MiB)).rejects.toMatchObject({ code: 'storage_full' });
    release();
    release();
    await store.load('c2', meta, digests.get('c2') as string);
    expect(loadedIds(store)).toEqual(['c2', 'c3', 'c4']);
    for (const free of held) free();
    await store.makeRoom(7 * MiB);
    expect(loadedIds(store)).toEqual([]);
  });

  it('holds the bound while many load at once', async () => {
    const store = await newStore({ maxBytes: 5 * MiB });
    const digests = new Map<string, string>();
    for (let index = 0; index < 8; index += 1) digests.set(`c${index}`, (await sealed(store, `c${index}`)).digest);
    let largest = 0;
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const id = `c${(index * 5) % 8}`;
        const digest = digests.get(id) as string;
        const outcome = await store.load(id, meta, digest).catch((error: { code: string }) => error.code);
        expect([store.rawDir(id), 'storage_full']).toContain(outcome);
        largest = Math.max(
          largest,
          store.loaded().reduce((sum, image) => sum + image.bytes, 0),
        );
      }),
    );
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThanOrEqual(5 * MiB);
    const files = await readdir(imagesDir);
    expect(files.filter((name) => !name.endsWith('.complete')).sort()).toEqual(loadedIds(store));
  });

  it('a dropped image stays for those that pinned it, and is lent to nobody else', async () => {
    const store = await newStore();
    const { digest } = await sealed(store, 'c1');
    const [first, second] = [store.pin('c1'), store.pin('c1')];
    await store.drop('c1');
    await expect(store.load('c1', meta, digest)).rejects.toMatchObject({ code: 'not_found' });
    first();
    expect(await readdir(store.rawDir('c1'))).toHaveLength(2);
    second();
    await store.drop('c1');
    expect(await readdir(imagesDir)).toEqual([]);
    await store.drop('never-there');
  });

  it('evicting never changes a file that a clone has open', async () => {
    const store = await newStore({ maxBytes: 3 * MiB });
    const { pages } = await sealed(store, 'c1', 2 * MiB);
    const clone = await openFile(path.join(store.rawDir('c1'), 'pages-1.img'));
    await sealed(store, 'c2', 2 * MiB);
    expect(loadedIds(store)).toEqual(['c2']);
    expect((await clone.readFile()).equals(pages)).toBe(true);
    await clone.close();
  });

  it('a new agent takes over whole images and removes all others', async () => {
    const before = await newStore();
    for (const id of ['whole', 'touched', 'shorter', 'unmarked']) await sealed(before, id);
    await dump(before, 'unsealed', MiB);
    await mkdir(path.join(imagesDir, '.tmp-half'));
    await utimes(path.join(before.rawDir('touched'), 'pages-1.img'), 1, 1);
    await truncate(path.join(before.rawDir('shorter'), 'core-1.img'), 3);
    await rm(path.join(imagesDir, 'unmarked.complete'));
    await writeFile(path.join(imagesDir, 'orphan.complete'), '{}');
    const after = await newStore();
    expect(loadedIds(after)).toEqual(['whole']);
    expect((await readdir(imagesDir)).sort()).toEqual(['whole', 'whole.complete']);
    const smaller = await newStore({ maxBytes: MiB / 2 });
    expect(loadedIds(smaller)).toEqual([]);
  });

  it('removes images that were there before a reboot', async () => {
    const before = await newStore();
    await sealed(before, 'c1');
    const marker = path.join(imagesDir, 'c1.complete');
    const text = JSON.parse(await readFile(marker, 'utf8')) as { bootId: string };
    await writeFile(marker, JSON.stringify({ ...text, bootId: 'an earlier one' }));
    expect(loadedIds(await newStore())).toEqual([]);
  });

  it('a kill in the middle of loading leaves nothing that counts', async () => {
    const store = await newStore();
    const { digest } = await sealed(store, 'c1', 24 * MiB);
    await store.drop('c1');
    const blob = await buffer(await images.open(digest));
    // The bytes stop coming half way, so that the kill hits a load under way.
    const file = path.join(root, 'half');
    await writeFile(file, blob.subarray(0, blob.length / 2));
    const target = path.join(imagesDir, '.tmp-killed');
    const child = spawn(process.execPath, [path.join(__dirname, 'half-load.js'), file, target, digest], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await stat(path.join(target, 'pages-1.img'))).size).toBeGreaterThan(0);
    const after = await newStore();
    expect(loadedIds(after)).toEqual([]);
    expect(await readdir(imagesDir)).toEqual([]);
    await expect(after.load('c1', meta, digest)).resolves.toBeDefined();
  });

  const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
  asRoot('as root', () => {
    afterEach(() => unmountImages(imagesDir));

    it('keeps images on a tmpfs of its own that may run programs, and finds them again', async () => {
      const store = await newStore({ mount: true, maxBytes: 8 * MiB });
      await sealed(store, 'c1');
      const again = await newStore({ mount: true, maxBytes: 8 * MiB });
      expect(loadedIds(again)).toEqual(['c1']);
      const mounts = (await readFile('/proc/self/mounts', 'utf8'))
        .split('\n')
        .filter((line) => line.includes(imagesDir));
      expect(mounts).toHaveLength(1);
      expect(mounts[0]).toMatch(/ tmpfs .*mode=700/);
      expect(mounts[0]).not.toContain('noexec');
      await writeFile(path.join(imagesDir, 'program'), '#!/bin/sh\necho ran\n');
      await chmod(path.join(imagesDir, 'program'), 0o700);
      expect(execFileSync(path.join(imagesDir, 'program'), { encoding: 'utf8' })).toBe('ran\n');
      await unmountImages(imagesDir);
      expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(imagesDir);
      await unmountImages(imagesDir);
    });

    it('says storage_full, with nothing left behind, when the tmpfs is full for another reason', async () => {
      const store = await newStore({ mount: true, maxBytes: 8 * MiB });
      const { digest } = await sealed(store, 'c1', 4 * MiB);
      await store.drop('c1');
      await writeFile(path.join(imagesDir, 'ballast'), Buffer.alloc(9 * MiB));
      await expect(store.load('c1', meta, digest)).rejects.toMatchObject({ code: 'storage_full' });
      expect(await readdir(imagesDir)).toEqual(['ballast']);
      await rm(path.join(imagesDir, 'ballast'));
      await expect(store.load('c1', meta, digest)).resolves.toBeDefined();
    });
  });
});
