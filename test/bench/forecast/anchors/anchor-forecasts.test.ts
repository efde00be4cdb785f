import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { anchorForecasts, type AnchorJob } from '../../../../bench/forecast/anchors/anchor-forecasts';

/** Stands for Python: says the number of the bin it forecasts. */
const SCRIPT = `#!${process.execPath}
const { readFileSync, writeFileSync } = require('node:fs');
const job = JSON.parse(readFileSync(process.argv[4], 'utf8'));
for (const { counts, functions, trainEnd, forecasts } of job.parts) {
  const bins = readFileSync(counts).length / 8 / functions;
  const each = Array.from({ length: bins - trainEnd }, (_, index) => trainEnd + index);
  writeFileSync(forecasts, new Uint8Array(Float32Array.from(Array(functions).fill(each).flat()).buffer));
}
console.log('so it was\\n' + JSON.stringify({ cpuSeconds: 2, peakBytes: 3 }));
`;

let folder: string;
let python: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'presage-cache-'));
  python = path.join(folder, 'python');
  writeFileSync(python, SCRIPT, { mode: 0o755 });
  process.env['PRESAGE_CACHE'] = folder;
});
afterEach(() => {
  delete process.env['PRESAGE_CACHE'];
  rmSync(folder, { recursive: true, force: true });
});

const job: AnchorJob = {
  model: 'autoets',
  binMinutes: 1,
  steps: 2,
  parts: [{ counts: [new Float64Array(8), new Float64Array(8)], trainEnd: 4, firstMinute: 0 }],
};

test('what was said once is not asked for again, until anything of it differs', async () => {
  const environment = { python, versions: { numpy: '1' } };
  const first = await anchorForecasts(environment, job);
  expect([...(first.parts[0] ?? [])]).toEqual([4, 5, 6, 7, 4, 5, 6, 7]);
  expect(first).toMatchObject({ cpuSeconds: 2, peakBytes: 3, cached: false });
  expect(await anchorForecasts(environment, job)).toEqual({ ...first, cached: true });
  const [part] = job.parts;
  const counts = [new Float64Array(8), new Float64Array(8).fill(1, 7)];
  const others = [
    anchorForecasts({ python, versions: { numpy: '2' } }, job),
    anchorForecasts(environment, { ...job, model: 'mstl' }),
    anchorForecasts(environment, { ...job, parts: part ? [{ ...part, counts }] : [] }),
    anchorForecasts(environment, { ...job, parts: part ? [{ ...part, firstMinute: 60 }] : [] }),
  ];
  expect((await Promise.all(others)).map(({ cached }) => cached)).toEqual([false, false, false, false]);
});

test('a kept forecast that is not whole is made anew', async () => {
  const environment = { python, versions: {} };
  await anchorForecasts(environment, job);
  const kept = path.join(folder, 'forecast', 'predictions');
  const [name = ''] = readdirSync(kept);
  writeFileSync(path.join(kept, name, '0.f32'), 'half');
  expect((await anchorForecasts(environment, job)).cached).toBe(false);
  expect((await anchorForecasts(environment, job)).cached).toBe(true);
});

test('a script that fails is told, and nothing is kept', async () => {
  writeFileSync(python, '#!/bin/sh\necho "no such package" >&2\nexit 3\n');
  await expect(anchorForecasts({ python, versions: {} }, job)).rejects.toThrow('no such package');
  expect(() => readdirSync(path.join(folder, 'forecast', 'predictions'))).toThrow();
});
