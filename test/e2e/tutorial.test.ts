import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../bench/harness/platform';
import { assetPath } from '../../drivers/asset-path';
import { fencedBlocks, type FencedBlock } from '../docs/markdown-files';
import { ReaderShell } from './support/reader-shell';

jest.setTimeout(400_000);

const blocks = fencedBlocks(readFileSync(assetPath('docs/tutorial.md'), 'utf8'));
let folder: string;
let temporalPort: number;
let env: NodeJS.ProcessEnv;
let shell: ReaderShell;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'presage-tutorial-'));
  // A checkout to all that the commands see of it; what they write stays in the folder.
  for (const name of ['package.json', 'bin']) symlinkSync(assetPath(name), path.join(folder, name));
  const [gateway, postgres, temporal, ui] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  temporalPort = temporal;
  env = {
    ...process.env,
    NO_COLOR: '1',
    PRESAGE__GATEWAY__PORT: `${gateway}`,
    PRESAGE__POSTGRES__PORT: `${postgres}`,
    PRESAGE__TEMPORAL__PORT: `${temporal}`,
    PRESAGE__TEMPORAL__UIPORT: `${ui}`,
  };
  delete env['PRESAGE_URL'];
  delete env['PRESAGE_API_KEY'];
  shell = new ReaderShell(folder, env);
});
afterAll(async () => {
  await shell.close();
  await new Promise((resolve) => {
    spawn(process.execPath, [assetPath('bin/start.js'), '--stop'], { cwd: folder, env, stdio: 'ignore' }).once('close', resolve); // prettier-ignore
  });
  rmSync(folder, { recursive: true, force: true });
});

test('the commands of the tutorial do what it says, as they stand', async () => {
  let said = '';
  const began = performance.now();
  for (const block of blocks) {
    const [language, ...words] = block.info.split(' ');
    if (language === 'sh' && words[0] === 'run') said = await shell.run(block.text);
    else if (language === 'json' && words[0] === 'start') await startWorkflow(words, block.text);
    else if (language === 'text') expect(missingLines(block, said)).toEqual([]);
    else throw new Error(`A block is marked "${block.info}": neither run, nor shown, nor typed into the UI`);
  }
  // Its minute of waiting included; on a busy machine twice as much.
  expect((performance.now() - began) / 1000).toBeLessThan(240);
});

test('what is shown and does not come is noticed', () => {
  const shown = { info: 'text', text: 'a … c\nHTTP 200 … node x\n' };
  expect(missingLines(shown, 'a b  c\nHTTP 200 OK · node x · 3 ms')).toEqual([]);
  expect(missingLines(shown, 'HTTP 200 OK · node x\na b c')).toEqual(['HTTP 200 … node x']);
});

/** What a person does in the UI: the same request to Temporal. */
async function startWorkflow([, type = '', workflowId = '']: readonly string[], input: string): Promise<void> {
  const connection = await Connection.connect({ address: `127.0.0.1:${temporalPort}` });
  try {
    const args = [JSON.parse(input) as object];
    await new Client({ connection }).workflow.start(type, { workflowId, taskQueue: 'presage-control', args });
  } finally {
    await connection.close();
  }
}

/** Lines that are shown and did not come, in their order; `…` is anything, space is any space. */
function missingLines({ text }: FencedBlock, said: string): readonly string[] {
  const lines = said.split('\n');
  let from = 0;
  return text
    .trimEnd()
    .split('\n')
    .filter((shown) => {
      const parts = shown.split('…').map((part) => part.trim().split(/\s+/).map(escaped).join('\\s+'));
      const pattern = new RegExp(parts.join('.*'));
      const at = lines.findIndex((line, index) => index >= from && pattern.test(line));
      if (at >= 0) from = at + 1;
      return at < 0;
    });
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
