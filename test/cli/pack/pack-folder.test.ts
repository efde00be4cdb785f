import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { packFolder } from '../../../cli/pack/pack-folder';
import { readTar } from '../../../core/archive/read-tar';
import { validateArchive } from '../../../core/archive/validate-archive';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'presage-pack-'));
  folder = path.join(root, 'function');
  await mkdir(path.join(folder, 'lib'), { recursive: true });
  await writeFile(path.join(folder, 'index.js'), 'exports.handler = () => 1');
  await writeFile(path.join(folder, 'lib', 'tool'), '#!/bin/sh', { mode: 0o755 });
  await symlink('lib/tool', path.join(folder, 'link'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function entriesOf(archive: Buffer): Promise<Record<string, string>> {
  const entries: Record<string, string> = {};
  for await (const { header } of readTar(Readable.from([gunzipSync(archive)]))) {
    entries[header.name] = `${header.type} ${header.mode?.toString(8)} ${header.uid} ${header.mtime?.getTime()}`;
  }
  return entries;
}

describe('packFolder', () => {
  it('packs files, folders and links, sorted and without traces of the machine', async () => {
    const archive = await buffer(packFolder(folder));
    const entries = await entriesOf(archive);
    expect(entries).toEqual({
      'index.js': 'file 644 0 0',
      lib: 'directory 755 0 0',
      'lib/tool': 'file 755 0 0',
      link: 'symlink 755 0 0',
    });
    expect(Object.keys(entries)).toEqual(Object.keys(entries).sort());
    expect(await validateArchive(Readable.from([archive]))).toMatchObject({ kind: 'layer', entries: 4 });
  });

  it('gives equal bytes for equal folders, whatever their times and rights, and others for others', async () => {
    const first = await buffer(packFolder(folder));
    const copy = path.join(root, 'copy');
    await cp(folder, copy, { recursive: true, verbatimSymlinks: true });
    await utimes(path.join(copy, 'index.js'), 1, 1);
    await chmod(path.join(copy, 'index.js'), 0o600);
    expect((await buffer(packFolder(copy))).equals(first)).toBe(true);
    await writeFile(path.join(copy, 'index.js'), 'exports.handler = () => 2');
    expect((await buffer(packFolder(copy))).equals(first)).toBe(false);
  });

  it('leaves out what .presageignore and its caller name, and always the history and byte code', async () => {
    for (const name of ['.git', '__pycache__', 'build', 'lib/__pycache__']) {
      await mkdir(path.join(folder, name));
      await writeFile(path.join(folder, name, 'x'), 'x');
    }
    await writeFile(path.join(folder, '.presageignore'), '# ours\nbuild/\n*.tool\n');
    await writeFile(path.join(folder, '.env'), 'PASSWORD=x');
    const seen: string[] = [];
    const packed = packFolder(folder, { ignore: ['.env'], onEntry: (name) => seen.push(name) });
    const names = Object.keys(await entriesOf(await buffer(packed)));
    expect(names).toEqual(['.presageignore', 'index.js', 'lib', 'lib/tool', 'link']);
    expect(seen).toEqual(names);
  });

  it('packs long names and large files', async () => {
    const long = path.join(...Array.from({ length: 12 }, () => 'a-rather-long-folder-name'));
    await mkdir(path.join(folder, long), { recursive: true });
    await writeFile(path.join(folder, long, 'größe.bin'), Buffer.alloc(3_000_000, 7));
    const summary = await validateArchive(packFolder(folder));
    expect(summary.bytes).toBeGreaterThan(3_000_000);
  });

  it.each(['/etc/passwd', '../outside', 'lib/../../outside'])('refuses a link to %s', async (target) => {
    await symlink(target, path.join(folder, 'leaving'));
    await expect(buffer(packFolder(folder))).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('leaving'),
      hint: expect.stringContaining('.presageignore'),
    });
    await writeFile(path.join(folder, '.presageignore'), 'leaving\n');
    await expect(buffer(packFolder(folder))).resolves.toBeDefined();
  });

  it('refuses a pipe and a folder that is not there', async () => {
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    await expect(buffer(packFolder(folder))).rejects.toThrow('pipe is a socket, pipe or device');
    await expect(buffer(packFolder(path.join(root, 'nowhere')))).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
