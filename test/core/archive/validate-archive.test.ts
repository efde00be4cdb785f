import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ARCHIVE_LIMITS } from '../../../core/archive/archive-limits';
import { validateArchive } from '../../../core/archive/validate-archive';
import { inPieces, tarOf, type TarPart } from './tar-bytes';

const file = (name: string, content: string | Buffer = 'x'): TarPart => ({ name, content });
const symlink = (name: string, linkname: string): TarPart => ({ name, type: 'symlink', linkname });
const folder = (name: string): TarPart => ({ name, type: 'directory' });
const small = { ...ARCHIVE_LIMITS, maxEntries: 20, maxBytes: 100_000 };

async function check(parts: readonly TarPart[], limits = ARCHIVE_LIMITS): ReturnType<typeof validateArchive> {
  return validateArchive(inPieces(await tarOf(parts)), limits);
}

describe('validateArchive', () => {
  it('accepts an honest layer, packed or not, however the stream is cut', async () => {
    const parts = [
      folder('./'),
      file('./index.js', 'exports.handler = () => 1'),
      folder('lib'),
      file('lib/a.js', randomBytes(70_000)),
      symlink('lib/b.js', './a.js'),
      symlink('node_modules/.bin/tool', '../tool/cli.js'),
      { name: 'lib/c.js', type: 'link', linkname: 'lib/a.js' } as const,
    ];
    const tar = await tarOf(parts);
    const expected = { kind: 'layer', entries: 8, bytes: 70_025 };
    for (const size of [1, 511, 512, 65_536]) expect(await validateArchive(inPieces(tar, size))).toEqual(expected);
    expect(await validateArchive(inPieces(gzipSync(tar), 700))).toEqual(expected);
  });

  it('skips files far larger than any name may be', async () => {
    const parts = [file('a.bin', randomBytes(9 * 2 ** 20)), file('b.bin', randomBytes(5 * 2 ** 20)), file('c.js')];
    expect(await check(parts)).toEqual({ kind: 'layer', entries: 3, bytes: 14 * 2 ** 20 + 1 });
  });

  it('knows an OCI image layout by the two files at its root', async () => {
    const layout = [file('oci-layout', '{}'), file('index.json', '{}'), folder('blobs')];
    expect((await check(layout)).kind).toBe('oci');
    expect((await check([file('a/oci-layout'), file('a/index.json')])).kind).toBe('layer');
    expect((await check([file('index.json')])).kind).toBe('layer');
  });

  const bad: readonly (readonly [string, readonly TarPart[], string])[] = [
    ['absolute path', [file('/etc/passwd')], 'absolute path'],
    ['path that leads out', [file('a/../../b')], '".."'],
    ['dots that stay inside', [file('a/../b')], '".."'],
    ['control character', [file('a\nb')], 'control character'],
    ['name too long', [file(`${'n'.repeat(256)}`)], 'longer than 255 bytes'],
    ['path too deep', [file(`${'d/'.repeat(200)}x`)], '128 folders'],
    ['absolute link', [file('a'), symlink('b', '/etc/passwd')], 'leads out of the archive, to "/etc/passwd"'],
    ['link that leads out', [file('a'), symlink('l/b', '../../b')], 'leads out'],
    [
      'link that leads out through another',
      [file('a'), symlink('x/y', '.'), symlink('z', 'x/y/../../..')],
      'leads out',
    ],
    ['file through a link', [symlink('l', 'x'), file('l/b')], 'lies under'],
    ['link over a folder', [file('d/a'), symlink('d', '..')], 'is there twice'],
    ['file under a file', [file('a'), file('a/b')], 'lies under'],
    ['file twice', [file('a'), file('./a')], 'is there twice'],
    ['upper and lower case', [file('Index.js'), file('index.js')], 'upper and lower case'],
    ['accents in two ways', [file('caf\u00e9'), file('cafe\u0301')], 'accents'],
    ['folders in two cases', [file('Lib/a'), file('lib/b')], 'upper and lower case'],
    ['hard link outside', [file('a'), { name: 'b', type: 'link', linkname: '../../etc/shadow' }], '".."'],
    ['hard link to a later file', [{ name: 'b', type: 'link', linkname: 'a' }, file('a')], 'no earlier file'],
    [
      'hard link to a link',
      [file('a'), symlink('l', 'a'), { name: 'b', type: 'link', linkname: 'l' }],
      'no earlier file',
    ],
    ['device', [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }], 'character-device'],
    ['block device', [{ name: 'sda', type: 'block-device' }], 'block-device'],
    ['fifo', [{ name: 'pipe', type: 'fifo' }], 'fifo'],
    ['link to nothing', [file('a'), symlink('l', '')], 'impossible target'],
    ['nothing at all', [], 'no file'],
    ['folders only', [folder('a')], 'no file'],
  ];
  it.each(bad)('refuses: %s', async (_name, parts, why) => {
    const error = await check(parts).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'invalid_archive', hint: expect.stringMatching(/\w/) });
    expect((error as Error).message).toContain(why);
  });

  it('names the entry in a way that cannot break a log line or a terminal', async () => {
    await expect(check([file(`../${'x'.repeat(90)}\u001b[2J`)])).rejects.toThrow(/^[^\u001b\n]*$/);
  });

  it('holds entries, implied folders and bytes to their bounds, whatever the headers say', async () => {
    const many = Array.from({ length: 21 }, (_, index) => file(`f${index}`));
    await expect(check(many, small)).rejects.toThrow('one more than the allowed 20 entries');
    await expect(check([file(`${'d/'.repeat(25)}x`)], small)).rejects.toThrow('one more than the allowed 20');
    await expect(check([file('a', Buffer.alloc(60_000)), file('b', Buffer.alloc(60_000))], small)).rejects.toThrow(
      'above 100000 unpacked bytes',
    );
    const huge = await tarOf([file('a')]);
    huge.write('77777777777\0', 124);
    checksum(huge);
    await expect(validateArchive(inPieces(huge), small)).rejects.toThrow('above 100000 unpacked bytes');
  });

  it('refuses a compression bomb long before it is unpacked', async () => {
    const limits = { ...ARCHIVE_LIMITS, ratioFreeBytes: 1_000_000 };
    const bomb = gzipSync(await tarOf([file('zeroes', Buffer.alloc(20_000_000))]));
    let taken = 0;
    const counted = (async function* () {
      for await (const piece of inPieces(bomb, 500)) {
        taken += piece.length;
        yield piece;
      }
    })();
    await expect(validateArchive(counted, limits)).rejects.toThrow('compression bomb');
    expect(taken).toBeLessThan(bomb.length);
    const trailing = gzipSync(Buffer.concat([await tarOf([file('a')]), Buffer.alloc(20_000_000)]));
    await expect(validateArchive(inPieces(trailing), limits)).rejects.toMatchObject({ code: 'invalid_archive' });
  });

  it('does not keep an overlong name in memory', async () => {
    const header = await tarOf([file('PaxHeader')]);
    header.write('x', 156);
    header.write('37777777777\0', 124);
    checksum(header);
    let sent = 0;
    const endless = (async function* () {
      yield header.subarray(0, 512);
      for (; sent < 100_000_000; sent += 65_536) yield Buffer.alloc(65_536, 'a');
    })();
    await expect(validateArchive(endless)).rejects.toThrow('overlong names');
    expect(sent).toBeLessThan(10_000_000);
  });

  it.each([
    ['zip', Buffer.from('504b030414000000', 'hex'), 'a zip file'],
    ['zstd', Buffer.from('28b52ffd00000000', 'hex'), 'zstd'],
    ['xz', Buffer.from('fd377a585a000000', 'hex'), 'xz'],
    ['bzip2', Buffer.from('425a683931415926', 'hex'), 'bzip2'],
    ['text', Buffer.from('exports.handler = () => 1\n'.repeat(50)), 'no tar'],
    ['empty', Buffer.alloc(0), 'no file'],
    ['noise', createHash('sha512').update('a').digest(), 'no tar'],
  ])('says what to do about %s', async (_name, bytes, why) => {
    await expect(validateArchive(inPieces(bytes))).rejects.toMatchObject({
      code: 'invalid_archive',
      message: expect.stringContaining(why),
    });
  });

  it('refuses a damaged or cut gzip, and what follows its end', async () => {
    const whole = gzipSync(await tarOf([file('a', randomBytes(50_000))]));
    const damaged = Buffer.from(whole);
    damaged[30_000] = (damaged[30_000] ?? 0) ^ 0xff;
    await expect(validateArchive(inPieces(damaged))).rejects.toThrow('damaged or cut short');
    await expect(validateArchive(inPieces(whole.subarray(0, -20)))).rejects.toThrow('damaged or cut short');
    await expect(validateArchive(inPieces(Buffer.concat([whole, Buffer.from('more')])))).rejects.toThrow(/follow/);
  });

  it('passes on the failure of its source', async () => {
    const tar = await tarOf([file('a', randomBytes(50_000))]);
    for (const bytes of [tar, gzipSync(tar)]) {
      const broken = (async function* () {
        yield bytes.subarray(0, 20_000);
        throw new Error('connection lost');
      })();
      await expect(validateArchive(broken)).rejects.toThrow('connection lost');
    }
  });

  it('ends, one way or the other, for any damage to an archive', async () => {
    const tar = await tarOf([file('a', 'one'), folder('d'), symlink('d/l', '../a'), file('d/b', randomBytes(3000))]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(tar.length - 1),
        fc.nat(255),
        fc.integer({ min: 100, max: 3000 }),
        async (at, value, size) => {
          const altered = Buffer.from(tar);
          altered[at] = value;
          const outcome = await validateArchive(inPieces(altered, size)).catch((error: { code: string }) => error.code);
          expect(typeof outcome === 'object' || outcome === 'invalid_archive').toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Makes the first header's checksum right again. */
function checksum(tar: Buffer): void {
  tar.fill(' ', 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}
