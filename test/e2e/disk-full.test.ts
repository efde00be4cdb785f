import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { jsonOf } from '../../bench/harness/http-probe';
import { packFolder } from '../../cli/pack/pack-folder';
import { loadConfig } from '../../workers/config';
import { openTestPlatform, until, writeFunction, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

const MIB = 2 ** 20;
const never = { when: 'never' } as const;
const handler = (word: string): Record<string, string> => ({ 'index.js': `exports.handler = () => "${word}";` });

let platform: TestPlatform;
/** Where each kind of file of the platform lies. */
let folders: { readonly blobs: string; readonly code: string; readonly images: string };
const mounted: string[] = [];

beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__LINGER: '1ms' });
  const { runDir } = loadConfig({}, { dataDir: platform.dataDir });
  folders = {
    blobs: path.join(platform.dataDir, 'blobs'),
    code: path.join(platform.dataDir, 'nodes', 'local', 'code'),
    images: path.join(runDir, 'local', 'images'),
  };
  for (const folder of [folders.blobs, folders.code]) {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'presage-test', folder]);
    mounted.push(folder);
  }
  await platform.deploy('good', { checkpoint: never }, handler('fine'));
});
afterAll(async () => {
  for (const folder of mounted) execFileSync('umount', ['-l', folder]);
  await platform.stop();
});

/** Whatever is full, what runs goes on answering. */
afterEach(async () => {
  expect((await platform.invoke('good')).body).toBe('fine');
});

/** Uses up what a file system has left but for `leave` bytes; the function given back frees it again. */
function fill(folder: string, leave = 0): () => void {
  const file = path.join(folder, '.filler');
  const descriptor = openSync(file, 'w', 0o600);
  for (const size of [MIB, 4096, 512]) {
    try {
      for (;;) writeSync(descriptor, Buffer.alloc(size));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    }
  }
  ftruncateSync(descriptor, fstatSync(descriptor).size - leave);
  closeSync(descriptor);
  return () => rmSync(file);
}

function filesIn(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name !== '.filler').sort();
}

/** A folder with a function that is larger than what a full disk rounds up to. */
function largeFunction(name: string): Promise<string> {
  return writeFunction(name, { checkpoint: never }, { ...handler(name), 'data.txt': randomBytes(MIB).toString('hex') });
}

async function eventOf(type: string, name: string): Promise<{ data: Record<string, unknown> }> {
  return until(`${type} of ${name}`, async () => {
    const answer = await platform.probe.send('/v1/events?limit=200');
    const { items } = jsonOf<{ items: { type: string; function: string; data: Record<string, unknown> }[] }>(answer);
    return items.find((event) => event.type === type && event.function === name);
  });
}

test('no room for uploaded code: 507, nothing half-written, and the deploy works when there is room', async () => {
  const folder = await largeFunction('upload');
  const before = filesIn(folders.blobs);
  const free = fill(folders.blobs);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of packFolder(folder)) chunks.push(chunk as Buffer);
    const response = await fetch(`${platform.url}/v1/code`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.apiKey}`, 'content-type': 'application/x-tar' },
      body: Buffer.concat(chunks),
    });
    expect([response.status, await response.json()]).toEqual([
      507,
      expect.objectContaining({ code: 'storage_full', detail: expect.stringContaining('no space left') as string }),
    ]);
    const { code, stderr } = await platform.cli('deploy', folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining('no space left on the disk')]);
    expect(filesIn(folders.blobs).filter((name) => name !== 'tmp')).toEqual(before.filter((name) => name !== 'tmp'));
    expect((await platform.probe.send('/v1/functions/upload')).status).toBe(404);
  } finally {
    free();
  }
  expect((await platform.cli('deploy', folder)).code).toBe(0);
  expect((await platform.invoke('upload')).body).toBe('upload');
});

test('no room for unpacked code on the node: the deploy says so, and works when there is room', async () => {
  const folder = await largeFunction('unpack');
  const before = filesIn(folders.code);
  const free = fill(folders.code);
  try {
    const { code, stderr } = await platform.cli('deploy', folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining('no space left on the disk')]);
    expect(filesIn(folders.code)).toEqual(before);
    expect((await platform.invoke('unpack')).status).toBe(404);
  } finally {
    free();
  }
  writeFileSync(path.join(folder, 'index.js'), 'exports.handler = () => "unpacked";');
  expect((await platform.cli('deploy', folder)).code).toBe(0);
  expect((await platform.invoke('unpack')).body).toBe('unpacked');
});

test.each(['images', 'blobs'] as const)(
  'no room for a checkpoint in %s: an event says so, the function serves cold, and the next one is made',
  async (place) => {
    const spec = { checkpoint: { warmUp: [{ path: '/' }] }, scale: { keepAlive: '1ms' } };
    const before = filesIn(folders.images);
    // its code has to fit
    const free = fill(folders[place], MIB);
    try {
      await platform.deploy(`frozen-${place}`, spec, handler('cold'));
      expect((await eventOf('checkpoint.failed', `frozen-${place}`)).data['reason']).toMatch(
        /no space left|No memory is left|no room/i,
      );
      expect(filesIn(folders.images)).toEqual(before);
      expect((await platform.invoke(`frozen-${place}`)).body).toBe('cold');
    } finally {
      free();
    }
    await platform.deploy(`frozen-${place}`, spec, handler('again'));
    await eventOf('checkpoint.published', `frozen-${place}`);
    await until('a restore', async () => {
      const answer = await platform.invoke(`frozen-${place}`);
      expect(answer.body).toBe('again');
      await new Promise((resolve) => setTimeout(resolve, 200));
      return answer.headers['x-presage-start'] === 'restore';
    });
  },
);
