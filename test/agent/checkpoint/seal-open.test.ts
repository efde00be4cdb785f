import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { type OpenJob, openImage } from '../../../agent/checkpoint/open-image';
import { sealImage } from '../../../agent/checkpoint/seal-image';
import type { SealedHeader } from '../../../core/checkpoint/sealed-format';
import { deriveTenantKeys } from '../../../core/crypto/tenant-keys';

const masterKey = Buffer.alloc(32, 5);
const keys = deriveTenantKeys(masterKey, 'acme');
const meta = { tenant: 'acme', revisionId: 'r1', codeDigest: 'sha256:aa', hostKey: 'linux-6' };
let root: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'presage-seal-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
const newPath = (): string => path.join(root, `${(count += 1)}`);

function seal(
  contents: Readonly<Record<string, Buffer>>,
  header: Partial<SealedHeader> = {},
  tenantKeys = keys,
): Buffer {
  const rawDir = newPath();
  mkdirSync(rawDir);
  for (const [name, bytes] of Object.entries(contents)) writeFileSync(path.join(rawDir, name), bytes);
  const files = Object.entries(contents).map(([name, bytes]) => ({ name, bytes: bytes.length }));
  const whole = { ...meta, checkpointId: 'c1', salt: 'cd'.repeat(32), files, ...header };
  return Buffer.concat([...sealImage({ rawDir, header: whole, keys: tenantKeys })]);
}

async function* pieces(bytes: Buffer, size = 70_001): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Opens with the digest of what is given, unless told otherwise: the refusals below are not the digest's doing. */
async function open(
  sealed: Buffer,
  change: Partial<OpenJob> = {},
  pieceSize?: number,
): Promise<Record<string, Buffer>> {
  const targetDir = newPath();
  const job = { targetDir, checkpointId: 'c1', meta, digest: digestOf(sealed), keys, ...change };
  await openImage(job, pieces(sealed, pieceSize));
  return Object.fromEntries(readdirSync(targetDir).map((name) => [name, readFileSync(path.join(targetDir, name))]));
}

const refused = { code: 'checkpoint_refused' };
const memory = Buffer.concat([
  Buffer.alloc(900_000),
  createHash('sha512').update('noise').digest(),
  Buffer.from('words '.repeat(50_000)),
]);
const contents = { 'pages-1.img': memory, 'core-1.img': Buffer.from('registers'), 'empty.img': Buffer.alloc(0) };

describe('sealing and opening', () => {
  it('gives back every file, whatever its size and however the stream is cut', async () => {
    const size = fc.oneof(
      fc.integer({ min: 0, max: 3000 }),
      fc.constantFrom(0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 2 * 1024 * 1024),
    );
    const file = fc.tuple(size, fc.nat(255)).map(([bytes, fill]) => {
      const content = Buffer.alloc(bytes, fill);
      for (let at = 0; at < bytes; at += 4099) content[at] = at & 255;
      return content;
    });
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}\.img$/), file, { maxKeys: 4 }),
        fc.integer({ min: 1000, max: 2_000_000 }),
        async (files, pieceSize) => {
          const back = await open(seal(files), {}, pieceSize);
          expect(Object.keys(back).sort()).toEqual(Object.keys(files).sort());
          for (const [name, bytes] of Object.entries(files)) expect(back[name]?.equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('writes files that a clone can open through the folder, and nobody can change but root', async () => {
    const targetDir = newPath();
    const sealed = seal(contents);
    await openImage({ targetDir, checkpointId: 'c1', meta, digest: digestOf(sealed), keys }, pieces(sealed));
    expect(statSync(targetDir).mode & 0o777).toBe(0o711);
    expect(statSync(path.join(targetDir, 'pages-1.img')).mode & 0o777).toBe(0o644);
  });

  it('shows nothing of the content, nor of equal content sealed again', () => {
    const secret = Buffer.from('hunter2-hunter2-hunter2');
    const sealed = seal({ 'pages-1.img': Buffer.concat([secret, Buffer.alloc(5000)]) });
    expect(sealed.includes('hunter2')).toBe(false);
    const again = seal({ 'pages-1.img': Buffer.concat([secret, Buffer.alloc(5000)]) }, { salt: 'ef'.repeat(32) });
    const body = (bytes: Buffer): Buffer => bytes.subarray(-120, -64);
    expect(body(again).equals(body(sealed))).toBe(false);
  });

  it('refuses one flipped bit anywhere', async () => {
    const sealed = seal(contents);
    const positions = new Set(Array.from({ length: 150 }, (_, index) => Math.floor((index * sealed.length) / 150)));
    for (let at = 0; at < 40; at += 1) positions.add(sealed.length - 1 - 2 * at);
    for (let at = 0; at < 60; at += 1) positions.add(at * 7);
    for (const at of positions) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      await expect(open(altered)).rejects.toMatchObject(refused);
    }
  });

  it('refuses every cut, anything added, and chunks in another order', async () => {
    const sealed = seal(contents);
    for (let part = 0; part < 60; part += 1) {
      await expect(open(sealed.subarray(0, Math.floor((part * sealed.length) / 60)))).rejects.toMatchObject(refused);
    }
    await expect(open(sealed.subarray(0, -1))).rejects.toMatchObject(refused);
    await expect(open(Buffer.concat([sealed, Buffer.from('x')]))).rejects.toMatchObject(refused);
    const noise = createHash('sha512').update('a').digest();
    const two = seal({ 'a.img': noise, 'b.img': noise });
    const [end, chunk] = [two.length - 64, 64 + 9 + 16];
    const swapped = Buffer.concat([
      two.subarray(0, end - 2 * chunk),
      two.subarray(end - chunk, end),
      two.subarray(end - 2 * chunk, end - chunk),
      two.subarray(end),
    ]);
    await expect(open(swapped)).rejects.toMatchObject(refused);
    await expect(open(two)).resolves.toBeDefined();
  });

  it('refuses another tenant, host, code, revision, checkpoint or digest', async () => {
    const sealed = seal(contents);
    const changes: Partial<OpenJob>[] = [
      { meta: { ...meta, tenant: 'rival' }, keys: deriveTenantKeys(masterKey, 'rival') },
      { meta: { ...meta, hostKey: 'linux-7' } },
      { meta: { ...meta, codeDigest: 'sha256:bb' } },
      { meta: { ...meta, revisionId: 'r2' } },
      { checkpointId: 'c2' },
      { digest: `sha256:${'0'.repeat(64)}` },
      { keys: deriveTenantKeys(Buffer.alloc(32, 6), 'acme') },
    ];
    for (const change of changes) await expect(open(sealed, change)).rejects.toMatchObject(refused);
  });

  it("refuses what another tenant sealed in this one's name", async () => {
    const rival = deriveTenantKeys(masterKey, 'rival');
    await expect(open(seal(contents, {}, rival))).rejects.toMatchObject(refused);
    // The right encryption key does not help without the right signature.
    const mixed = { encryptionKey: keys.encryptionKey, signingSeed: rival.signingSeed };
    await expect(open(seal(contents, {}, mixed))).rejects.toThrow('signature is wrong');
  });

  it('fails, rather than seal something else, when a file changed its size', () => {
    expect(() => seal(contents, { files: [{ name: 'pages-1.img', bytes: memory.length - 1 }] })).toThrow(
      expect.objectContaining({ code: 'checkpoint_failed' }),
    );
    expect(() => seal(contents, { files: [{ name: 'pages-1.img', bytes: memory.length + 1 }] })).toThrow(
      expect.objectContaining({ code: 'checkpoint_failed' }),
    );
  });

  it('does not touch the target when the header is refused', async () => {
    const targetDir = newPath();
    await expect(open(seal(contents), { targetDir, checkpointId: 'c2' })).rejects.toMatchObject(refused);
    expect(existsSync(targetDir)).toBe(false);
  });
});
