import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Arima from 'arima';
import { extrapolate, forecastAr } from '../../../../core/forecast/ar-model';
import { fitAr } from '../../../../core/forecast/fit-ar';
import { CtsaArimaFitter } from '../../../../drivers/arima/ctsa/ctsa-arima-fitter';

const ANY = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
/** Uneven, with a rhythm and gaps; another one for each seed. */
const traffic = (length: number, seed = 1): Float64Array =>
  Float64Array.from({ length }, (_, minute) =>
    minute % 50 < 9 ? 0 : ((minute * minute * seed) % 11) + 3 * Math.sin(minute / 40) + 3,
  );

const fitters: CtsaArimaFitter[] = [];
function fitter(options?: { fitMs?: number; worker?: string }): CtsaArimaFitter {
  const made = new CtsaArimaFitter(options);
  fitters.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(fitters.splice(0).map((each) => each.close()));
});

test('the model goes on as the package does, from the training and from any later window', async () => {
  const counts = traffic(700);
  const [model] = await fitter().fit([counts]);
  if (!model) throw new Error('no model');
  expect(model).toMatchObject({ p: 5, d: 1, largest: Math.max(...counts) });
  const theirs = new Arima({ p: 5, d: 1, q: 0, method: 1, verbose: false });
  theirs.train([...counts]);
  for (const later of [counts, traffic(700, 3)]) {
    // Any other window of the same length, as its packed bytes.
    (theirs as unknown as { ts: Uint8Array }).ts = new Uint8Array(Float64Array.from(later).buffer);
    const [expected] = theirs.predict(10);
    const ours = extrapolate(model, later, later.length, 10, ANY);
    expected.forEach((value, step) => expect(ours[step]).toBeCloseTo(value, 4));
  }
  theirs.destroy();
});

test('least squares finds the same', async () => {
  const counts = traffic(1_000);
  const [model] = await fitter().fit([counts]);
  const squares = fitAr(counts, { p: 5, d: 1 });
  if (!model || !squares) throw new Error('no model');
  const theirs = forecastAr(model, counts, 1_000, 10);
  forecastAr(squares, counts, 1_000, 10).forEach((value, step) => expect(value).toBeCloseTo(theirs[step] as number, 1));
});

test('series without anything to learn give null, and the others are fitted all the same', async () => {
  const poor = [[], [3], new Array<number>(10).fill(1), new Array<number>(500).fill(0), new Array<number>(500).fill(7)];
  const wrong = [
    [...traffic(500), Number.NaN],
    [...traffic(500), -1],
    [...traffic(500), Number.POSITIVE_INFINITY],
  ];
  const models = await fitter().fit([...poor, ...wrong, [...traffic(60)]].map((each) => Float64Array.from(each)));
  expect(models.map((model) => model !== null)).toEqual([...new Array<boolean>(8).fill(false), true]);
});

test('gappy, exploding and huge series: null or a sane forecast', async () => {
  const series = [
    Float64Array.from({ length: 400 }, (_, i) => (i % 97 === 0 ? 5 : 0)),
    Float64Array.from({ length: 400 }, (_, i) => 1.1 ** i),
    Float64Array.from({ length: 400 }, (_, i) => (i % 2) * 1e15),
    Float64Array.from({ length: 400 }, (_, i) => (i === 399 ? 1 : 0)),
    Float64Array.from({ length: 11 }, (_, i) => i),
    Float64Array.from({ length: 5_000 }, (_, i) => (i * i) % 17),
  ];
  const models = await fitter().fit(series);
  models.forEach((model, index) => {
    if (!model) return;
    const counts = series[index] as Float64Array;
    const forecast = forecastAr(model, counts, counts.length, 10);
    expect(forecast.every((value) => value >= 0 && value <= 3 * Math.max(...counts))).toBe(true);
  });
});

describe('a thread that', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'presage-arima-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A worker whose task with 0.5 in it goes wrong as told; the others are answered with what goes on as it was. */
  function worker(name: string, mishap: string): string {
    const file = path.join(folder, `${name}.js`);
    writeFileSync(
      file,
      `const { parentPort } = require('node:worker_threads');
       parentPort.on('message', ({ series }) => {
         if (series.includes(0.5)) { ${mishap} }
         parentPort.postMessage({ forecast: new Array(10).fill(series.at(-1)), constant: 0, coefficients: [1, 0, 0, 0, 0, 0] });
       });`,
    );
    return file;
  }
  const marked = Float64Array.from({ length: 20 }, (_, i) => (i === 3 ? 5 : (i % 2) * 10));
  const good = Float64Array.from({ length: 20 }, (_, i) => i);

  test.each([
    ['hangs', 'for (;;);'],
    ['dies', 'process.exit(3);'],
    ['throws', "throw new Error('out of memory');"],
    ['answers nonsense', "return parentPort.postMessage({ forecast: ['x'] });"],
    [
      'says what its model does not',
      'return parentPort.postMessage({ forecast: [1], constant: 0, coefficients: [0, 0, 0, 0, 0, 0] });',
    ],
    ['explodes', 'return parentPort.postMessage({ forecast: [4], constant: 4, coefficients: [0, 0, 0, 0, 0, 0] });'],
  ])('%s costs its series alone', async (name, mishap) => {
    const models = await fitter({ fitMs: 2_000, worker: worker(name, mishap) }).fit([good, marked, good]);
    expect(models.map((model) => model?.largest)).toEqual([19, undefined, 19]);
  });

  test('is closed in the middle of a fit ends it', async () => {
    const closing = fitter({ worker: worker('closed', 'for (;;);') });
    const fit = closing.fit([marked]);
    const refused = expect(fit).rejects.toMatchObject({ code: 'unavailable' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await closing.close();
    await refused;
    await expect(closing.fit([good])).rejects.toMatchObject({ code: 'unavailable' });
  });
});
