import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { wantedFunction } from '../../core/kubernetes/function-object';
import { FakePlatform, presage } from './fake-platform';

let platform: FakePlatform;
beforeAll(async () => {
  platform = await FakePlatform.start();
});
beforeEach(() => platform.reset());
afterAll(() => platform.stop());

const DIGEST = `sha256:${'1'.repeat(64)}`;
const run = (...argv: string[]) => presage(argv, { cwd: platform.folder, env: { PRESAGE_URL: platform.url } });

async function functionFolder(name: string, files: Readonly<Record<string, string | Buffer>> = {}): Promise<void> {
  const folder = path.join(platform.folder, name);
  const manifest = {
    'function.yaml': `apiVersion: presage.dev/v1\nkind: Function\nmetadata: {name: ${name}}\nspec: {runtime: nodejs, handler: index.handler, source: src}\n`,
    'src/index.js': 'exports.handler = () => "hi ☃";\n',
  };
  for (const [file, content] of Object.entries({ ...manifest, ...files })) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
}

/** The object that was printed, read as the controller reads it. */
function wanted(stdout: string) {
  const object = parse(stdout) as Parameters<typeof wantedFunction>[0];
  const metadata = { ...object.metadata, uid: 'u', generation: 1, resourceVersion: '1', creationTimestamp: '' };
  return wantedFunction({ ...object, metadata });
}

test('manifest uploads the code and prints an object that the controller takes', async () => {
  await functionFolder('hello');
  platform.on('POST /v1/code', ({ body }) => ({ digest: DIGEST, bytes: body.length, kind: 'layer' }));
  const { status, stdout, stderr } = await run('--tenant', 'acme', 'manifest', 'hello');
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('hello: uploaded') });
  expect(parse(stdout)).toEqual({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name: 'hello', namespace: 'acme' },
    spec: { runtime: 'nodejs', handler: 'index.handler', code: { digest: DIGEST } },
  });
  expect(wanted(stdout)).toMatchObject({ wanted: { code: { digest: DIGEST } } });
});

test('manifest --inline needs no platform: the files stand in the object', async () => {
  await functionFolder('inline', { 'src/lib/a.js': 'a' });
  const { status, stdout } = await run('manifest', '--inline', '-n', 'acme', 'inline');
  expect(status).toBe(0);
  expect(wanted(stdout)).toMatchObject({
    wanted: { code: { files: { 'index.js': 'exports.handler = () => "hi ☃";\n', 'lib/a.js': 'a' } } },
  });
  expect(platform.seen).toEqual([]);
});

test.each([
  ['is no text', { 'src/image.bin': Buffer.from([0xff, 0xfe]) }],
  ['more than 500000 bytes', { 'src/large.js': ' '.repeat(500_001) }],
])('what cannot stand in an object is refused: %s', async (text, files) => {
  const name = text.replaceAll(' ', '-');
  await functionFolder(name, files);
  const { status, stderr } = await run('manifest', '--inline', name);
  expect(status).toBe(2);
  expect(stderr).toContain(text);
  expect(stderr).toContain('Leave --inline out');
});

test('crds prints the definitions of all three kinds', async () => {
  const { status, stdout } = await run('crds');
  expect(status).toBe(0);
  const names = parseAllDocuments(stdout).map((document) => (document.toJS() as { metadata: { name: string } }).metadata.name); // prettier-ignore
  expect(names).toEqual(['functions.presage.dev', 'budgets.presage.dev', 'placementpolicies.presage.dev']);
});
