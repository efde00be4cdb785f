import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { paperProgram } from '../../../cli/reference/paper-program';
import { nameOf, verbsOf } from '../../../cli/verb';
import { shellCommands } from '../../docs/shell-words';
import { presage, type Run } from '../fake-platform';
import { DocumentPlatform } from './document-platform';

/** Every verb does what its help shows, against a platform that answers as the OpenAPI document says, in every form of output. */

let platform: DocumentPlatform;
let root: string;
beforeAll(async () => {
  platform = await DocumentPlatform.start();
  root = await mkdtemp(path.join(tmpdir(), 'presage-verbs-'));
});
afterEach(() => (platform.refusal = undefined));
afterAll(async () => {
  await platform.stop();
  await rm(root, { recursive: true, force: true });
});

const VERBS = verbsOf(paperProgram()).map((verb) => ({
  name: nameOf(verb),
  examples: verb.examples,
  operations: verb.operations,
}));
/** Their output is a document, or belongs to a function, whatever --output says. */
const RAW = ['invoke', 'async result', 'cost export', 'schema function', 'schema api', 'metrics', 'completion', 'help'];
/** The token of an example belongs to no platform, which is found out after it was asked. */
const FAIL = ['node join'];

let folders = 0;
/** A folder with the files that examples name. */
async function folderFor(verb: string): Promise<string> {
  const cwd = path.join(root, String(folders++));
  await mkdir(cwd);
  await writeFile(path.join(cwd, 'counts.csv'), 'old-name,1,2,3\n');
  await writeFile(path.join(cwd, 'token.txt'), 'a value\n');
  if (verb !== 'init') await presage(['init', 'hello', '-q'], { cwd });
  return cwd;
}

async function runExample(line: string, cwd: string, url = platform.url, more: readonly string[] = []): Promise<Run> {
  // What comes behind a pipe belongs to other programs.
  const [[program, ...argv] = []] = shellCommands(line.replace('http://127.0.0.1:8080', url));
  if (program !== 'presage') throw new Error(`not a line of presage: ${line}`);
  const input = / < (\S+)/.exec(line)?.[1];
  const stop = new AbortController();
  return presage([...argv, ...more], {
    cwd,
    home: cwd,
    env: { PRESAGE_URL: url, PRESAGE_API_KEY: 'psk_test' },
    stopped: stop.signal,
    ...(input === undefined ? {} : { stdin: await readFile(path.join(cwd, input), 'utf8') }),
    onOutput: () => argv.includes('--follow') && stop.abort(),
  });
}

test('every verb has an example', () => {
  expect(VERBS.filter(({ examples }) => examples.length === 0).map(({ name }) => name)).toEqual([]);
  expect(VERBS.length).toBeGreaterThan(80);
});

test.each(VERBS)(
  'presage $name: its examples work, and call what it says that it calls',
  async ({ name, examples, operations }) => {
    platform.seen.clear();
    for (const line of examples) {
      for (const form of ['table', 'json', 'yaml']) {
        const cwd = await folderFor(name);
        const { status, stdout, stderr } = await runExample(
          line,
          cwd,
          platform.url,
          line.includes(' -o ') ? [] : ['-o', form],
        );
        if (FAIL.includes(name)) expect(status).toBeGreaterThan(0);
        else expect({ line, status, stderr: status === 0 ? '' : stderr }).toEqual({ line, status: 0, stderr: '' });
        if (RAW.includes(name) || line.includes(' -o ') || stdout === '') continue;
        if (form === 'json') expect(() => JSON.parse(stdout) as unknown).not.toThrow();
        if (form === 'yaml' && !line.includes('--follow')) expect(parseYaml(stdout)).not.toBe(stdout.trim());
      }
    }
    expect([...platform.seen].sort()).toEqual([...new Set<string>(operations)].sort());
  },
);

const ONLINE = VERBS.filter(({ operations }) => operations.length > 0);

test('a key without rights is refused in words, and ends every verb with the same status', async () => {
  platform.refusal = { status: 403, code: 'forbidden' };
  for (const { name, examples } of ONLINE) {
    const { status, stderr } = await runExample(examples[0] ?? '', await folderFor(name));
    if (name === 'version') expect(status).toBe(0);
    else
      expect([name, status, stderr]).toEqual([
        name,
        4,
        expect.stringMatching(/Error \(forbidden\).*\n.*(key create|join)/) as string,
      ]);
  }
});

test('where nobody answers, every verb says so, and how to go on, with the same status', async () => {
  for (const { name, examples } of ONLINE) {
    const { status, stderr } = await runExample(examples[0] ?? '', await folderFor(name), 'http://127.0.0.1:1');
    if (name === 'version') expect(status).toBe(0);
    else
      expect([name, status, stderr]).toEqual([
        name,
        6,
        expect.stringMatching(/Error \(unavailable\).*127\.0\.0\.1:1/) as string,
      ]);
  }
});
