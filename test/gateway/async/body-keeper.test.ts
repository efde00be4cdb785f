import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import type { ImageStore } from '../../../drivers/image-store/image-store';
import { createLocalImageStore } from '../../../drivers/image-store/local/local-image-store';
import { BodyKeeper, INLINE_BYTES } from '../../../gateway/async/body-keeper';

let folder: string;
let images: ImageStore;
let keeper: BodyKeeper;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bodies-'));
  images = createLocalImageStore(folder);
  keeper = new BodyKeeper(images);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const stored = async (): Promise<number> => {
  const digests: string[] = [];
  for await (const { digest } of images.list()) digests.push(digest);
  return digests.length;
};

async function read(stream: Readable | null): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of (stream ?? Readable.from([])) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('what goes in comes out, in whatever pieces and of whatever length', async () => {
  const length = fc.oneof(fc.nat({ max: 200 }), fc.integer({ min: INLINE_BYTES - 2, max: INLINE_BYTES * 3 }));
  await fc.assert(
    fc.asyncProperty(length, fc.integer({ min: 1, max: 70_000 }), async (bytes, piece) => {
      const content = randomBytes(bytes);
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes; at += piece) pieces.push(content.subarray(at, at + piece));
      const { body, hash } = await keeper.take(Readable.from(pieces), 10_000_000);
      expect(body.length).toBe(bytes);
      expect(hash).toBe(createHash('sha256').update(content).digest('hex'));
      expect(body.digest !== null).toBe(bytes > INLINE_BYTES);
      expect((await read(await keeper.open(body))).equals(content)).toBe(true);
      await keeper.drop(body);
    }),
    { numRuns: 30 },
  );
  expect(await stored()).toBe(0);
});

test('equal large bodies are apart, so that one can go without the other', async () => {
  const content = Buffer.alloc(INLINE_BYTES + 1, 'x');
  const [a, b] = await Promise.all([
    keeper.take(Readable.from([content]), 1e9),
    keeper.take(Readable.from([content]), 1e9),
  ]);
  await keeper.drop(a.body);
  expect((await read(await keeper.open(b.body))).equals(content)).toBe(true);
  await expect(keeper.open(a.body)).rejects.toMatchObject({ code: 'not_found' });
  await keeper.drop(b.body);
});

test('of a body that is too large or breaks off nothing is kept', async () => {
  const chunk = Buffer.alloc(50_000);
  const endless = Readable.from(Array.from({ length: 10 }, () => chunk));
  await expect(keeper.take(endless, 300_000)).rejects.toMatchObject({ code: 'payload_too_large' });
  const breaking = new Readable({ read: () => undefined });
  breaking.push(Buffer.alloc(INLINE_BYTES + 1));
  setTimeout(() => breaking.destroy(new Error('gone')), 20);
  await expect(keeper.take(breaking, 1e9)).rejects.toMatchObject({ code: 'invalid_argument' });
  expect(await stored()).toBe(0);
});

test('a store that fails fails the taking in, and does not hang it', async () => {
  const full = new BodyKeeper({ ...images, put: () => Promise.reject(new Error('disk is full')) });
  const chunks = Array.from({ length: 40 }, () => Buffer.alloc(50_000));
  await expect(full.take(Readable.from(chunks), 1e9)).rejects.toThrow();
});
