import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLocalSpool } from '../../../drivers/spool/local/local-spool';
import type { Spool } from '../../../drivers/spool/spool';

let dir: string;
const warnings: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'local-spool-'));
  warnings.length = 0;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (maxBytes = 1_000): Spool<readonly number[]> =>
  createLocalSpool({
    dir: path.join(dir, 'in'),
    maxBytes,
    write: (batch) => batch,
    read: (value) => {
      if (!Array.isArray(value) || value.some((one) => typeof one !== 'number')) throw new Error('no numbers');
      return value as number[];
    },
    log: { warn: (_, message) => void warnings.push(message) },
  });
const drained = async (spool: Spool<readonly number[]>): Promise<(readonly number[])[]> => {
  const batches = [];
  for (let next = await spool.oldest(); next; next = await spool.oldest()) {
    batches.push(next.batch);
    await next.remove();
  }
  return batches;
};

test('gives batches back in their order, also to the next one to open it', async () => {
  const spool = open();
  for (const batch of [[1, 2], [3], [4]]) expect(await spool.append(batch)).toBe(true);
  expect(spool.bytes).toBe('[1,2][3][4]'.length);
  const next = open();
  expect(next.bytes).toBe(spool.bytes);
  expect(await drained(next)).toEqual([[1, 2], [3], [4]]);
  expect(next.bytes).toBe(0);
  expect(readdirSync(path.join(dir, 'in'))).toEqual([]);
});

test('what is not removed is given again', async () => {
  const spool = open();
  await spool.append([1]);
  expect((await spool.oldest())?.batch).toEqual([1]);
  expect((await spool.oldest())?.batch).toEqual([1]);
});

test('takes no more than its bound', async () => {
  const spool = open(8);
  expect(await spool.append([1, 2])).toBe(true);
  expect(await spool.append([3, 4])).toBe(false);
  expect(await drained(spool)).toEqual([[1, 2]]);
  expect(await spool.append([3, 4])).toBe(true);
});

test.each(['[1,', '{}', '["text"]', ''])('puts a file with %j aside and goes on', async (content) => {
  const spool = open();
  await spool.append([1]);
  await spool.append([2]);
  const [first = ''] = readdirSync(path.join(dir, 'in')).sort();
  writeFileSync(path.join(dir, 'in', first), content);
  expect(await drained(spool)).toEqual([[2]]);
  expect(readdirSync(path.join(dir, 'in'))).toEqual([`${first}.broken`]);
  expect(warnings).toHaveLength(1);
  expect(await drained(open())).toEqual([]);
});

test('leaves what another living process keeps alone, and takes over from a dead one', async () => {
  const spool = open();
  await spool.append([1]);
  const [name = ''] = readdirSync(path.join(dir, 'in'));
  const as = (pid: number): string => name.replace(`-${process.pid}-`, `-${pid}-`);
  renameSync(path.join(dir, 'in', name), path.join(dir, 'in', as(process.ppid)));
  expect(await open().oldest()).toBeUndefined();
  renameSync(path.join(dir, 'in', as(process.ppid)), path.join(dir, 'in', as(2 ** 22 + 1)));
  expect((await open().oldest())?.batch).toEqual([1]);
});

test('says no when the folder cannot be made', async () => {
  writeFileSync(path.join(dir, 'in'), 'a file');
  const spool = createLocalSpool<readonly number[]>({
    dir: path.join(dir, 'in', 'below'),
    maxBytes: 100,
    write: (batch) => batch,
    read: () => [],
    log: { warn: (_, message) => void warnings.push(message) },
  });
  expect(await spool.append([1])).toBe(false);
  expect(spool.bytes).toBe(0);
  expect(warnings).toEqual(['Records cannot be kept on the disk']);
});
