import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { FETCHED_GO, fetchGo } from '../../../workers/all/prerequisites/fetch-go';

const PREFIX = `golang.org/toolchain@v0.0.1-go${FETCHED_GO}.linux-test/`;
const FILES: Readonly<Record<string, string>> = {
  [`${PREFIX}VERSION`]: 'go1.25.4\n'.repeat(50),
  [`${PREFIX}bin/go`]: 'a program',
};
/** Of these files, by the go command's own rule: SHA-256 of the lines `SHA-256  NAME` in their order. */
const SUM = 'h1:99FlH5M1bdUj/IfhN1tvFXbZuhb0lv478HdOLUv6L6s=';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-fetch-go-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A zip archive; names in the order given, each second file packed. */
function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  Object.entries(files).forEach(([name, text], index) => {
    const method = index % 2 === 0 ? 8 : 0;
    const packed = method === 8 ? deflateRawSync(text) : Buffer.from(text);
    const header = Buffer.alloc(30);
    header.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    bodies.push(header, Buffer.from(name), packed);
    entries.push(entry, Buffer.from(name));
    at += 30 + name.length + packed.length;
  });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, ...entries, end]);
}

const fetchFrom = (answers: Readonly<Record<string, Buffer>>, proxies?: string): Promise<string> =>
  fetchGo(folder, {
    proxies,
    arch: 'test',
    sums: { test: SUM },
    download: async (url) => {
      const answer = answers[new URL(url).host];
      if (!answer) throw new Error('nobody answers');
      return answer;
    },
  });

test('it is unpacked, and can be run', async () => {
  const go = await fetchFrom({ 'proxy.golang.org': zipOf(FILES) });
  expect(go).toBe(path.join(folder, 'bin', 'go'));
  expect(statSync(go).mode & 0o111).toBe(0o111);
  expect(readFileSync(path.join(folder, 'VERSION'), 'utf8')).toBe(FILES[`${PREFIX}VERSION`]);
});

test('a proxy that gives something else is passed over, and told', async () => {
  const wrong = { [`${PREFIX}bin/go`]: 'another program' };
  const answers = { 'first.example': zipOf(wrong), 'third.example': zipOf(FILES) };
  expect(
    await fetchFrom(answers, 'https://first.example,https://second.example/|https://third.example,direct'),
  ).toMatch(/go$/);
  await expect(fetchFrom(answers, 'https://first.example,https://second.example')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/first\.example.* wanted h1:.*second\.example.*nobody answers/),
    hint: expect.stringContaining('GOPROXY'),
  });
});

test.each([['off'], ['direct']])('GOPROXY=%s leads nowhere, and is named', async (proxies) => {
  await expect(fetchFrom({}, proxies)).rejects.toMatchObject({
    message: expect.stringContaining(`GOPROXY=${proxies}`),
  });
});

test('what is cut off is no archive', async () => {
  const answers = { 'proxy.golang.org': zipOf(FILES).subarray(0, 60) };
  await expect(fetchFrom(answers)).rejects.toMatchObject({ message: expect.stringContaining('cut off') });
});

test('a machine without a build is told so', async () => {
  await expect(fetchGo(folder, { arch: 'mips' })).rejects.toMatchObject({ code: 'unsupported' });
});
