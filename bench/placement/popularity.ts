import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { assetPath } from '../../drivers/asset-path';
import { csvCells } from '../traces/csv-cells';
import { tracesBeside } from '../traces/traces-beside';

const FILE = 'azure2019_app_day_totals.csv.gz';
const SHIPPED = 'bench/data/popularity/app-day-totals.csv';

/** How often real applications were invoked on one day, the busiest first. */
export interface Popularity {
  /** Where it was read. */
  readonly file: string;
  readonly dayTotals: readonly number[];
}

/**
 * Reads `popularity/azure2019_app_day_totals.csv.gz` (`rank,invocations`) below a folder, or in the folder itself; without a folder,
 * beside the checkout, else the extract that is shipped.
 * @throws RangeError for a folder without the file, or a file with anything but whole numbers from 1 on
 */
export function readPopularity(folder: string | undefined): Popularity {
  const places =
    folder === undefined ? [path.join(tracesBeside(), 'popularity')] : [path.join(folder, 'popularity'), folder];
  const found = places.map((place) => path.join(place, FILE)).find(existsSync);
  if (!found && folder !== undefined) throw new RangeError(`${folder} has no popularity/${FILE}`);
  const file = found ?? assetPath(SHIPPED);
  const [head = '', ...lines] = textOf(file).trimEnd().split('\n');
  const column = csvCells(head).indexOf('invocations');
  if (column < 0) throw new RangeError(`${file} has no column invocations`);
  const dayTotals = lines.map((line, index) => {
    const total = Number(csvCells(line)[column]);
    if (!Number.isSafeInteger(total) || total < 1)
      throw new RangeError(`${file} line ${index + 2}: no whole number from 1 on`);
    return total;
  });
  if (dayTotals.length === 0) throw new RangeError(`${file} is empty`);
  return { file, dayTotals: dayTotals.sort((a, b) => b - a) };
}

function textOf(file: string): string {
  const bytes = readFileSync(file);
  try {
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new RangeError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Of so many equal slices of the ranking one application each, drawn at random within its slice, the busiest first. */
export function sampleApps({ dayTotals }: Popularity, count: number, random: () => number): number[] {
  return Array.from({ length: count }, (_, slice) => {
    const rank = Math.min(dayTotals.length - 1, Math.floor(((slice + random()) / count) * dayTotals.length));
    return dayTotals[rank]!;
  });
}
