import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkPlacementCase } from '../../../core/placement/check-placement-case';
import { solvePlacement } from '../../../core/placement/solve-placement';
import { fourRegions } from '../../../bench/placement/four-regions';
import { readPopularity, sampleApps } from '../../../bench/placement/popularity';
import { realApps } from '../../../bench/placement/real-apps';
import { seedRows } from '../../../bench/placement/seed-rows';
import { seededRandom } from '../../../core/random/seeded-random';

const shipped = { file: 'shipped', dayTotals: [9_000, 500, 40, 3, 1] };

it('the scenarios are cases, equal for equal seeds, and have placements', () => {
  expect(fourRegions(101, 2.5)).toEqual(fourRegions(101, 2.5));
  expect(fourRegions(101, 2.5)).not.toEqual(fourRegions(102, 2.5));
  const problem = realApps({ functions: 50, nodes: 12, seed: 101, popularity: shipped });
  expect(problem).toEqual(realApps({ functions: 50, nodes: 12, seed: 101, popularity: shipped }));
  for (const each of [problem, fourRegions(101, 2.5)]) {
    expect(() => checkPlacementCase(each)).not.toThrow();
    const { placement, costs } = solvePlacement(each);
    expect(seedRows(each, placement)).toMatchObject({
      violations: 0,
      dollarsADay: expect.closeTo((24 * costs.total) / 1e6, 3),
    });
  }
});

it('draws one application of each slice of the ranking', () => {
  expect(sampleApps(shipped, 5, seededRandom(1))).toEqual(shipped.dayTotals);
});

it('reads how popular applications are, and refuses what is no ranking', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'popularity-'));
  const file = path.join(folder, 'azure2019_app_day_totals.csv.gz');
  try {
    expect(() => readPopularity(folder)).toThrow('has no popularity/azure2019_app_day_totals.csv.gz');
    writeFileSync(file, 'not packed');
    expect(() => readPopularity(folder)).toThrow(RangeError);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
