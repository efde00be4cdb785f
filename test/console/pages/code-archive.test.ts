import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { codeArchive } from '../../../console/src/pages/functions/code-archive';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** As the platform reads it. */
async function read(archive: Uint8Array): Promise<Record<string, { text: string; mode: number | undefined }>> {
  const files: Record<string, { text: string; mode: number | undefined }> = {};
  for await (const entry of Readable.from([Buffer.from(archive)]).pipe(extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk);
    files[entry.header.name] = { text: Buffer.concat(chunks).toString(), mode: entry.header.mode };
  }
  return files;
}

test('another reader of tar finds the same files', async () => {
  const long = `${'folder/'.repeat(20)}index.js`;
  const big = 'x'.repeat(1500);
  const files = [
    { path: 'index.js', bytes: bytes('exports.handler = () => "grüße";') },
    { path: 'empty.txt', bytes: bytes('') },
    { path: long, bytes: bytes(big) },
  ];
  expect(await read(codeArchive(files))).toEqual({
    'index.js': { text: 'exports.handler = () => "grüße";', mode: 0o755 },
    'empty.txt': { text: '', mode: 0o755 },
    [long]: { text: big, mode: 0o755 },
  });
});

test('equal files give equal bytes, whatever their order', () => {
  const [a, b] = [
    { path: 'a.js', bytes: bytes('a') },
    { path: 'b.js', bytes: bytes('b') },
  ];
  expect(codeArchive([a, b])).toEqual(codeArchive([b, a]));
  expect(codeArchive([a, b])).not.toEqual(codeArchive([a]));
});

test('a path that fits nowhere is named', () => {
  expect(() => codeArchive([{ path: 'x'.repeat(101), bytes: bytes('') }])).toThrow(/xxx is too long/);
});
