import type { ForecastTable } from '../forecast-table';
import { classesOf } from '../scored-row';
import type { TestPart } from '../test-part';
import { markdownTable } from '../../harness/markdown-table';
import { fixed } from './score-table';

/** How much each member of a mixing model said, over all functions and in each pattern, as a Markdown table; the greatest first. */
export function shareTable(part: TestPart, table: ForecastTable): string[] {
  const windows = part.origins.length;
  const classes = [['all', [...part.functions.keys()]] as const, ...classesOf(part, 'pattern')];
  const share = (shares: Float64Array, places: readonly number[]): number =>
    places.reduce((sum, place) => sum + total(shares.subarray(place * windows, (place + 1) * windows)), 0) /
    (places.length * windows);
  const lines = [...table.weights]
    .sort(([, a], [, b]) => total(b) - total(a))
    .map(([member, shares]) => [member, ...classes.map(([, places]) => fixed(share(shares, places), 2))]);
  return markdownTable(['member', ...classes.map(([name]) => name)], lines);
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
