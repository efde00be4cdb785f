import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type CodeStore, createCodeStore } from '../../../agent/code/code-store';
import { ARCHIVE_LIMITS } from '../../../core/archive/archive-limits';
import type { ImageStore } from '../../../drivers/image-store/image-store';
import { createLocalImageStore } from '../../../drivers/image-store/local/local-image-store';
import { tarOf } from '../../core/archive/tar-bytes';
import { ociLayout } from './oci-layout';

let root: string;
let dir: string;
let images: ImageStore;
let code: CodeStore;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'presage-code-'));
  dir = path.join(root, 'code');
  images = createLocalImageStore(path.join(root, 'blobs'));
  code = createCodeStore({ dir, images });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(bytes: Buffer): Promise<string> {
  return (await images.put(Readable.from([bytes]))).digest;
}
const modeOf = async (file: string): Promise<number> => (await lstat(file)).mode & 0o7777;

describe('code store, layers', () => {
  it('unpacks files, folders and links, readable by all and without special bits', async () => {
    const digest = await put(
      gzipSync(
        await tarOf([
          { name: './index.js', content: 'exports.handler', mode: 0o600 },
          { name: 'bin/', type: 'directory', mode: 0o700 },
          { name: 'bin/tool', content: '#!/bin/sh', mode: 0o6711, uid: 1000, gid: 1000 },
          { name: 'data/large', content: Buffer.alloc(700_000, 'x'), mtime: new Date(1_000_000_000_000) },
          { name: 'link', type: 'symlink', linkname: 'bin/tool' },
          { name: 'twin', type: 'link', linkname: 'data/large' },
        ]),
      ),
    );
    const umask = process.umask(0o077);
    const folder = await code.dir(digest, 'layer').finally(() => process.umask(umask));
    expect(await readFile(path.join(folder, 'index.js'), 'utf8')).toBe('exports.handler');
    expect((await readFile(path.join(folder, 'data/large'))).equals(Buffer.alloc(700_000, 'x'))).toBe(true);
    expect(await readlink(path.join(folder, 'link'))).toBe('bin/tool');
    expect((await stat(path.join(folder, 'twin'))).ino).toBe((await stat(path.join(folder, 'data/large'))).ino);
    expect((await stat(path.join(folder, 'data/large'))).mtimeMs).toBe(1_000_000_000_000);
    expect(await modeOf(path.join(folder, 'index.js'))).toBe(0o644);
    expect(await modeOf(path.join(folder, 'bin/tool'))).toBe(0o755);
    for (const name of ['', 'bin', 'data']) expect(await modeOf(path.join(folder, name))).toBe(0o755);
    for (const name of ['index.js', 'bin/tool']) {
      expect((await stat(path.join(folder, name))).uid).toBe(process.getuid?.());
    }
    expect(await code.imageConfig(digest, 'layer')).toBeNull();
  });

  it('unpacks once for all that ask at the same time, and for all agents after it', async () => {
    let opened = 0;
    const counting = { ...images, open: (digest: string) => ((opened += 1), images.open(digest)) };
    const digest = await put(await tarOf([{ name: 'a', content: 'x' }]));
    const store = createCodeStore({ dir, images: counting });
    const folders = await Promise.all(Array.from({ length: 10 }, () => store.dir(digest, 'layer')));
    expect(new Set(folders).size).toBe(1);
    expect(await createCodeStore({ dir, images: counting }).dir(digest, 'layer')).toBe(folders[0]);
    expect(opened).toBe(1);
    await rm(folders[0] as string, { recursive: true });
    expect(existsSync(path.join(await store.dir(digest, 'layer'), 'a'))).toBe(true);
  });

  it('leaves nothing of a bad archive, and takes a good one afterwards', async () => {
    const bad = await put(
      await tarOf([
        { name: 'a', content: 'x' },
        { name: '../../escaped', content: 'y' },
      ]),
    );
    await expect(code.dir(bad, 'layer')).rejects.toMatchObject({ code: 'invalid_archive' });
    const linked = await put(
      await tarOf([
        { name: 'a', content: 'x' },
        { name: 'l', type: 'symlink', linkname: '/etc' },
      ]),
    );
    await expect(code.dir(linked, 'layer')).rejects.toMatchObject({ code: 'invalid_archive' });
    expect(await readdir(dir)).toEqual([]);
    expect(await readdir(root)).toEqual(['blobs', 'code']);
    const good = await put(await tarOf([{ name: 'a', content: 'x' }]));
    await expect(code.dir(good, 'layer')).resolves.toContain(good.slice(7));
  });

  it('refuses a stored blob that has changed, and says when it is missing', async () => {
    const digest = await put(await tarOf([{ name: 'a', content: 'x' }]));
    const other = await tarOf([{ name: 'a', content: 'y' }]);
    const lying = createCodeStore({ dir, images: { ...images, open: async () => Readable.from([other]) } });
    await expect(lying.dir(digest, 'layer')).rejects.toThrow('has changed');
    expect(await readdir(dir)).toEqual([]);
    await images.delete(digest);
    await expect(code.dir(digest, 'layer')).rejects.toMatchObject({ code: 'not_found' });
    await expect(code.dir('sha256:../../x', 'layer')).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('removes what an agent before left half done, and unpacks anew after a reboot', async () => {
    const digest = await put(await tarOf([{ name: 'a', content: 'x' }]));
    const folder = await code.dir(digest, 'layer');
    const description = JSON.parse(await readFile(`${folder}.json`, 'utf8')) as Record<string, unknown>;
    await writeFile(`${folder}.json`, JSON.stringify({ ...description, bootId: 'an earlier one' }));
    await writeFile(path.join(folder, 'a'), '');
    await mkdir(path.join(dir, '.tmp-half'));
    await writeFile(path.join(dir, `layer-${'0'.repeat(64)}.json`), '{}');
    const after = createCodeStore({ dir, images });
    expect(await readFile(path.join(await after.dir(digest, 'layer'), 'a'), 'utf8')).toBe('x');
    expect((await readdir(dir)).sort()).toEqual([path.basename(folder), `${path.basename(folder)}.json`]);
  });

  it('prunes what nobody needs', async () => {
    const digests = await Promise.all(
      ['1', '2', '3'].map(async (content) => put(await tarOf([{ name: 'a', content }]))),
    );
    for (const digest of digests) await code.dir(digest, 'layer');
    expect(await code.prune([digests[1] as string])).toBe(2);
    expect((await readdir(dir)).filter((name) => !name.endsWith('.json'))).toEqual([`layer-${digests[1]?.slice(7)}`]);
    expect(existsSync(await code.dir(digests[0] as string, 'layer'))).toBe(true);
  });

  it('does not prune what is being unpacked', async () => {
    const digest = await put(await tarOf([{ name: 'a', content: Buffer.alloc(2_000_000) }]));
    let reached = (): void => undefined;
    let go = (): void => undefined;
    const opening = new Promise<void>((resolve) => (reached = resolve));
    const gate = new Promise<void>((resolve) => (go = resolve));
    const slow = createCodeStore({
      dir,
      images: {
        ...images,
        open: async (wanted) => {
          reached();
          await gate;
          return images.open(wanted);
        },
      },
    });
    const asked = slow.dir(digest, 'layer');
    await opening;
    expect(await slow.prune([])).toBe(0);
    go();
    expect(existsSync(path.join(await asked, 'a'))).toBe(true);
  });

  it('says so when an archive is above the limits', async () => {
    const store = createCodeStore({ dir, images, limits: { ...ARCHIVE_LIMITS, maxBytes: 1000 } });
    const digest = await put(await tarOf([{ name: 'a', content: Buffer.alloc(2000) }]));
    await expect(store.dir(digest, 'layer')).rejects.toMatchObject({
      code: 'invalid_archive',
      hint: expect.any(String),
    });
  });
});

describe('code store, OCI images', () => {
  const base = [
    { name: 'bin', type: 'directory', mode: 0o700 } as const,
    { name: 'bin/sh', content: 'shell', mode: 0o4755 },
    { name: 'etc/old', content: 'old' },
    { name: 'etc/keep', content: 'keep' },
    { name: 'srv/data/a', content: 'a' },
    { name: 'srv/data/b', content: 'b' },
    { name: 'usr/lib/x', content: 'x' },
    { name: 'lib', type: 'symlink', linkname: '/usr/lib' } as const,
    { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 3 } as const,
    { name: 'etc/secret', content: 's', mode: 0o600 },
  ];

  it.each([{}, { gzip: true }, { nested: true }])(
    'lays layers over each other, with whiteouts: %j',
    async (options) => {
      const upper = [
        { name: 'etc/.wh.old', content: '' },
        { name: 'srv/data/c', content: 'c' },
        { name: 'srv/data/.wh..wh..opq', content: '' },
        { name: 'lib/y', content: 'y' },
        { name: 'etc/keep', content: 'changed' },
        { name: 'bin/same', type: 'link', linkname: 'bin/sh' } as const,
      ];
      const third = [
        { name: 'bin', type: 'symlink', linkname: 'usr/lib' } as const,
        { name: 'usr/.wh.lib', content: '' },
        { name: 'usr/lib/z', content: 'z' },
      ];
      const digest = await put(await ociLayout([base, upper], options));
      const folder = await code.dir(digest, 'oci');
      const list = async (at: string): Promise<string[]> => (await readdir(path.join(folder, at))).sort();
      expect(await list('.')).toEqual(['bin', 'dev', 'etc', 'lib', 'srv', 'usr']);
      expect(await list('etc')).toEqual(['keep', 'secret']);
      expect(await readFile(path.join(folder, 'etc/keep'), 'utf8')).toBe('changed');
      expect(await list('srv/data')).toEqual(['c']);
      expect(await list('usr/lib')).toEqual(['x', 'y']);
      expect(await readlink(path.join(folder, 'lib'))).toBe('/usr/lib');
      expect(await list('bin')).toEqual(['same', 'sh']);
      expect(await list('dev')).toEqual([]);
      expect(await modeOf(path.join(folder, 'bin'))).toBe(0o755);
      expect(await modeOf(path.join(folder, 'bin/sh'))).toBe(0o755);
      expect(await modeOf(path.join(folder, 'etc/secret'))).toBe(0o644);
      const more = await code.dir(await put(await ociLayout([base, upper, third], options)), 'oci');
      expect((await lstat(path.join(more, 'bin'))).isSymbolicLink()).toBe(true);
      expect(await readdir(path.join(more, 'usr/lib'))).toEqual(['z']);
    },
  );

  it('never writes, removes or links outside of the root, whatever the links say', async () => {
    const outside = path.join(root, 'outside');
    await mkdir(outside);
    await writeFile(path.join(outside, 'precious'), 'safe');
    const link = { name: 'l', type: 'symlink', linkname: outside } as const;
    const up = { name: 'u', type: 'symlink', linkname: '../'.repeat(20) + outside.slice(1) } as const;
    const attacks = [
      [[link], [{ name: 'l/new', content: 'x' }]],
      [[up], [{ name: 'u/new', content: 'x' }]],
      [[link], [{ name: 'l/.wh.precious', content: '' }]],
      [[link], [{ name: 'l/.wh..wh..opq', content: '' }]],
      [[link, { name: 'l/precious', content: 'x' }]],
    ];
    for (const layers of attacks) await code.dir(await put(await ociLayout(layers)), 'oci');
    const hard = [link, { name: 'h', type: 'link', linkname: 'l/precious' } as const];
    await expect(code.dir(await put(await ociLayout([hard])), 'oci')).rejects.toThrow('hard link');
    const whiteout = await put(await ociLayout([[{ name: 'a/.wh...', content: '' }]]));
    await expect(code.dir(whiteout, 'oci')).rejects.toMatchObject({ code: 'invalid_archive' });
    expect(await readdir(outside)).toEqual(['precious']);
    expect(await readFile(path.join(outside, 'precious'), 'utf8')).toBe('safe');
  });

  it('tells how the image wants to be run, beside the root as well', async () => {
    const digest = await put(
      await ociLayout([base], {
        config: {
          Entrypoint: ['/bin/server'],
          Cmd: ['--port', '80'],
          Env: ['A=1', 'EMPTY=', 'EQ=a=b'],
          WorkingDir: '/srv',
          ExposedPorts: { '8080/tcp': {}, '80/tcp': {}, '53/udp': {} },
          User: 'node',
        },
      }),
    );
    const expected = {
      entrypoint: ['/bin/server'],
      cmd: ['--port', '80'],
      env: { A: '1', EMPTY: '', EQ: 'a=b' },
      workingDir: '/srv',
      exposedPorts: [80, 8080],
      user: 'node',
    };
    expect(await code.imageConfig(digest, 'oci')).toEqual(expected);
    const beside = JSON.parse(await readFile(`${await code.dir(digest, 'oci')}.json`, 'utf8')) as unknown;
    expect(beside).toMatchObject({ ...expected, kind: 'oci' });
    const bare = await code.imageConfig(await put(await ociLayout([base])), 'oci');
    expect(bare).toEqual({ entrypoint: [], cmd: [], env: {}, workingDir: '/', exposedPorts: [], user: '' });
  });

  it('refuses altered or missing blobs, other machines, zstd, devices and what is no layout', async () => {
    const altered = await ociLayout([base], {
      tamper: (blobs) => {
        for (const [digest, bytes] of blobs) {
          if (!bytes.includes('shell')) continue;
          const copy = Buffer.from(bytes);
          copy[copy.indexOf('shell')] = 0x53;
          blobs.set(digest, copy);
        }
      },
    });
    await expect(code.dir(await put(altered), 'oci')).rejects.toThrow('has the digest');
    const missing = await ociLayout([base], {
      tamper: (blobs) => {
        for (const [digest, bytes] of blobs) if (bytes.includes('shell')) blobs.delete(digest);
      },
    });
    await expect(code.dir(await put(missing), 'oci')).rejects.toThrow('is missing');
    const foreign = await put(await ociLayout([base], { architecture: 's390x' }));
    await expect(code.dir(foreign, 'oci')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('linux/s390x'),
      hint: expect.stringContaining('--platform'),
    });
    const zstd = await put(await ociLayout([base], { layerType: 'application/vnd.oci.image.layer.v1.tar+zstd' }));
    await expect(code.dir(zstd, 'oci')).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('compression=gzip'),
    });
    const device = await put(await ociLayout([[{ name: 'sda', type: 'block-device' }]]));
    await expect(code.dir(device, 'oci')).rejects.toThrow('block-device');
    const layer = await put(await tarOf([{ name: 'a', content: 'x' }]));
    await expect(code.dir(layer, 'oci')).rejects.toThrow('no OCI image layout');
    expect(await readdir(dir)).toEqual([]);
  });

  it('holds an image to its limits over all layers together', async () => {
    const store = createCodeStore({ dir, images, limits: { ...ARCHIVE_LIMITS, maxEntries: 12 } });
    const files = (prefix: string) =>
      Array.from({ length: 7 }, (_, index) => ({ name: `${prefix}${index}`, content: 'x' }));
    await expect(store.dir(await put(await ociLayout([files('a'), files('b')])), 'oci')).rejects.toThrow('12 entries');
  });
});
