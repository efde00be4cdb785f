import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TryReport } from '../../../drivers/async-queue/async-queue';
import { ReportSpool } from '../../../gateway/async/report-spool';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const report: TryReport = {
  id: 'a',
  try: 2,
  step: { state: 'succeeded' },
  ms: 5,
  status: 200,
  errorCode: null,
  error: null,
  result: {
    status: 200,
    headers: ['a', 'b'],
    body: { inline: Buffer.from([0, 255, 128]), digest: null, length: 3 },
    truncated: false,
  },
};

test('what one process keeps, the next finds, byte for byte, until it is dropped', async () => {
  await new ReportSpool(path.join(folder, 'own')).keep(report);
  await new ReportSpool(path.join(folder, 'own')).keep({ ...report, id: 'b', result: null });
  const next = new ReportSpool(path.join(folder, 'own'));
  expect((await next.left()).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
    report,
    { ...report, id: 'b', result: null },
  ]);
  await next.drop(report);
  expect((await next.left()).map(({ id }) => id)).toEqual(['b']);
});

test('there may be nothing, or something that cannot be read', async () => {
  expect(await new ReportSpool(path.join(folder, 'missing')).left()).toEqual([]);
  await writeFile(path.join(folder, 'x.1.json'), '{"half');
  await writeFile(path.join(folder, 'y.1.json.tmp'), '{}');
  expect(await new ReportSpool(folder).left()).toEqual([]);
});
