import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createLocalImageStore } from '../../../drivers/image-store/local/local-image-store';
import { describeImageStore } from './image-store-contract';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'presage-blobs-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
const newFolder = (): Promise<string> => mkdtemp(path.join(root, 'store-'));

describeImageStore('local', async () => createLocalImageStore(await newFolder()));

const asRoot = process.getuid?.() === 0 ? it : it.skip;

describe('local image store', () => {
  asRoot('says storage_full when the disk is full, and leaves nothing behind', async () => {
    const dir = await newFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'presage-test', dir]);
    try {
      const store = createLocalImageStore(dir);
      const kept = await store.put(Readable.from([Buffer.alloc(100_000, 1)]));
      await expect(store.put(Readable.from([Buffer.alloc(4_000_000)]))).rejects.toMatchObject({ code: 'storage_full' });
      expect(await readdir(path.join(dir, 'tmp'))).toEqual([]);
      expect(await store.stat(kept.digest)).toEqual(kept);
      await expect(store.put(Readable.from([Buffer.alloc(200_000, 2)]))).resolves.toBeDefined();
    } finally {
      execFileSync('umount', [dir]);
    }
  });

  it('removes what dead writers left, and nothing of those that live', async () => {
    const dir = await newFolder();
    await mkdir(path.join(dir, 'tmp'), { recursive: true });
    const file = (name: string): string => path.join(dir, 'tmp', name);
    // Above the kernel's largest process id.
    const ofDead = file('999999999.a');
    const ofLiving = file(`${process.ppid}.b`);
    const abandoned = file(`${process.ppid}.c`);
    for (const name of [ofDead, ofLiving, abandoned]) await writeFile(name, 'x');
    await utimes(abandoned, 1, 1);
    await createLocalImageStore(dir).put(Readable.from([Buffer.from('first put sweeps')]));
    expect(await readdir(path.join(dir, 'tmp'))).toEqual([path.basename(ofLiving)]);
  });

  it('a second store over the same folder sees the blobs of the first', async () => {
    const dir = await newFolder();
    const info = await createLocalImageStore(dir).put(Readable.from([Buffer.from('shared')]));
    expect(await createLocalImageStore(dir).stat(info.digest)).toEqual(info);
  });
});
