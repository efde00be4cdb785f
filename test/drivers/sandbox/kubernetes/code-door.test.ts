import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { PlatformError } from '../../../../core/error/platform-error';
import { CodeDoor } from '../../../../drivers/sandbox/kubernetes/code-door';
import { CODE_TOKEN_MS, CodeTokens } from '../../../../drivers/sandbox/kubernetes/code-token';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const tokens = new CodeTokens(Buffer.alloc(32, 3));

describe('where pods fetch their code', () => {
  let folder: string;
  let door: CodeDoor;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'presage-door-'));
    await mkdir(path.join(folder, 'code/lib'), { recursive: true });
    await mkdir(path.join(folder, 'runtimes/nodejs'), { recursive: true });
    await writeFile(path.join(folder, 'code/index.js'), 'exports.handler = 1;');
    await writeFile(path.join(folder, 'code/run.sh'), 'x', { mode: 0o755 });
    await writeFile(path.join(folder, 'code/large'), Buffer.alloc(300_000, 1));
    await symlink('../index.js', path.join(folder, 'code/lib/link.js'));
    await writeFile(path.join(folder, 'runtimes/nodejs/shim.js'), 'shim');
    await writeFile(path.join(folder, 'reseed'), 'addon');
    door = await CodeDoor.open({
      host: '127.0.0.1',
      port: 0,
      tokens,
      codeDir: (digest) =>
        digest === DIGEST
          ? Promise.resolve(path.join(folder, 'code'))
          : Promise.reject(new PlatformError('not_found', 'no such code')),
      runtimesDir: path.join(folder, 'runtimes'),
      reseed: path.join(folder, 'reseed'),
      log: { warn: () => undefined },
    });
  });

  afterAll(async () => {
    await door.close();
    await rm(folder, { recursive: true, force: true });
  });

  function fetchCode(digest: string, token: string): Promise<Response> {
    const url = `http://127.0.0.1:${door.port}/code/${digest.replace('sha256:', '')}`;
    return fetch(url, { headers: { authorization: `Bearer ${token}` } });
  }

  test('all of it comes, with the runtimes, and the mark that it is whole comes last', async () => {
    const response = await fetchCode(DIGEST, tokens.make(DIGEST, Date.now()));
    expect(response.status).toBe(200);
    const entries = new Map<string, { type: unknown; mode: unknown; bytes: number; link: unknown }>();
    const unpacked = extract();
    unpacked.on('entry', ({ name, type, mode, linkname }, stream, next) => {
      void text(stream).then((content) => {
        entries.set(name, { type, mode, bytes: content.length, link: linkname });
        next();
      });
    });
    unpacked.end(Buffer.from(await response.arrayBuffer()));
    await new Promise((resolve) => unpacked.once('finish', resolve));
    expect(entries.get('code/index.js')).toMatchObject({ type: 'file', mode: 0o644, bytes: 20 });
    expect(entries.get('code/run.sh')).toMatchObject({ mode: 0o755 });
    expect(entries.get('code/large')).toMatchObject({ bytes: 300_000 });
    expect(entries.get('code/lib/link.js')).toMatchObject({ type: 'symlink', link: '../index.js' });
    expect(entries.get('runtimes/nodejs/reseed.node')).toMatchObject({ bytes: 5 });
    expect([...entries.keys()].at(-1)).toBe('.whole');
  });

  test('a token is for one digest, for an hour, and of this platform', async () => {
    const other = `sha256:${'b'.repeat(64)}`;
    const now = Date.now();
    const statusOf = async (token: string): Promise<number> => (await fetchCode(DIGEST, token)).status;
    expect(await statusOf(tokens.make(other, now))).toBe(403);
    expect(await statusOf(tokens.make(DIGEST, now - CODE_TOKEN_MS - 1))).toBe(403);
    expect(await statusOf(new CodeTokens(Buffer.alloc(32, 4)).make(DIGEST, now))).toBe(403);
    expect(await statusOf('')).toBe(403);
    expect(await statusOf(new CodeTokens(Buffer.alloc(32, 3)).make(DIGEST, now))).toBe(200);
  });

  test('what is not there is not found', async () => {
    const other = `sha256:${'b'.repeat(64)}`;
    expect((await fetchCode(other, tokens.make(other, Date.now()))).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${door.port}/`)).status).toBe(404);
  });
});
