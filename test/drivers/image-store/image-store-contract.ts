import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { BlobInfo, ImageStore } from '../../../drivers/image-store/image-store';

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

async function all(store: ImageStore): Promise<BlobInfo[]> {
  const blobs: BlobInfo[] = [];
  for await (const blob of store.list()) blobs.push(blob);
  return blobs;
}

/** What every image store must do. `make` gives an empty one; it is called for each test. */
export function describeImageStore(name: string, make: () => Promise<ImageStore>): void {
  describe(`image store contract: ${name}`, () => {
    let store: ImageStore;
    beforeEach(async () => {
      store = await make();
    });

    it.each([0, 1, 65_536, 3_000_001])('gives back %d bytes as they were put, by their digest', async (size) => {
      const content = randomBytes(size);
      const info = await store.put(Readable.from([content]));
      expect(info).toEqual({ digest: digestOf(content), bytes: size });
      expect(await store.stat(info.digest)).toEqual(info);
      expect((await buffer(await store.open(info.digest))).equals(content)).toBe(true);
    });

    it('stores equal content once, however often and at the same time it is put', async () => {
      const content = randomBytes(200_000);
      const infos = await Promise.all(Array.from({ length: 8 }, () => store.put(Readable.from([content]))));
      expect(new Set(infos.map((info) => info.digest)).size).toBe(1);
      expect(await all(store)).toHaveLength(1);
    });

    it('accepts the expected digest and refuses another, keeping nothing', async () => {
      const content = Buffer.from('a function');
      await expect(store.put(Readable.from([content]), { expected: digestOf(content) })).resolves.toMatchObject({
        bytes: content.length,
      });
      await expect(
        store.put(Readable.from([Buffer.from('other')]), { expected: digestOf(content) }),
      ).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(await all(store)).toHaveLength(1);
    });

    it('cuts off what is longer than allowed and keeps nothing of it', async () => {
      let read = 0;
      const endless = Readable.from(
        (function* () {
          for (;;) {
            read += 1;
            yield Buffer.alloc(10_000);
          }
        })(),
      );
      await expect(store.put(endless, { maxBytes: 55_000 })).rejects.toMatchObject({ code: 'payload_too_large' });
      expect(endless.destroyed).toBe(true);
      expect(read).toBeLessThan(100);
      expect(await all(store)).toEqual([]);
      await expect(store.put(Readable.from([Buffer.alloc(55_000)]), { maxBytes: 55_000 })).resolves.toBeDefined();
    });

    it('keeps nothing of content that breaks off', async () => {
      const broken = Readable.from(
        (async function* () {
          yield Buffer.alloc(1000);
          throw new Error('connection lost');
        })(),
      );
      await expect(store.put(broken)).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(await all(store)).toEqual([]);
    });

    it('says not_found for what it does not have, and null to stat', async () => {
      const digest = digestOf(Buffer.from('never stored'));
      await expect(store.open(digest)).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.stat(digest)).toBeNull();
    });

    it('deletes for good, and again without complaint', async () => {
      const { digest } = await store.put(Readable.from([Buffer.from('gone soon')]));
      await store.delete(digest);
      await store.delete(digest);
      expect(await store.stat(digest)).toBeNull();
      expect(await all(store)).toEqual([]);
    });

    it('a blob being read survives its deletion', async () => {
      const content = randomBytes(500_000);
      const { digest } = await store.put(Readable.from([content]));
      const stream = await store.open(digest);
      await store.delete(digest);
      expect((await buffer(stream)).equals(content)).toBe(true);
    });

    it('lists every blob with its size', async () => {
      const sizes = [10, 20, 30];
      for (const size of sizes) await store.put(Readable.from([randomBytes(size)]));
      expect((await all(store)).map((blob) => blob.bytes).sort()).toEqual(sizes);
    });

    it.each(['', 'sha256:12', 'md5:abc', `sha256:../../${'a'.repeat(58)}`, 'A'.repeat(64)])(
      'refuses %j as a digest',
      async (digest) => {
        await expect(store.open(digest)).rejects.toMatchObject({ code: 'invalid_argument' });
        await expect(store.stat(digest)).rejects.toMatchObject({ code: 'invalid_argument' });
        await expect(store.delete(digest)).rejects.toMatchObject({ code: 'invalid_argument' });
      },
    );
  });
}
