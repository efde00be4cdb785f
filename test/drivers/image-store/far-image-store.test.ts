import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createFarImageStore } from '../../../drivers/image-store/far/far-image-store';
import { createLocalImageStore } from '../../../drivers/image-store/local/local-image-store';
import { describeImageStore } from './image-store-contract';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'presage-far-blobs-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const near = async () => createLocalImageStore(await mkdtemp(path.join(root, 'store-')));

describeImageStore('far', async () =>
  createFarImageStore(await near(), { roundTripMs: 1, bytesPerSecond: Number.POSITIVE_INFINITY }),
);

test('transfers share the line: two take at least as long as their bytes', async () => {
  const store = await near();
  const blobs = [await store.put(Readable.from(Buffer.alloc(40_000, 1))), await store.put(Readable.from(Buffer.alloc(40_000, 2)))]; // prettier-ignore
  const far = createFarImageStore(store, { roundTripMs: 5, bytesPerSecond: 1_000_000 });
  const since = performance.now();
  const read = await Promise.all(blobs.map(async ({ digest }) => buffer(await far.open(digest))));
  expect(read.map(({ length }) => length)).toEqual([40_000, 40_000]);
  // Less would mean that some bytes went beside the line: more says nothing.
  expect(performance.now() - since).toBeGreaterThanOrEqual(80);
});
