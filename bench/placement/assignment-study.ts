import { munkres } from 'munkres';
import munkresJs from 'munkres-js';
import { shortestAugmentingPath } from '../../core/placement/solvers/shortest-augmenting-path';
import { seededRandom } from '../../core/random/seeded-random';
import { markdownTable } from '../harness/markdown-table';
import { quantile } from '../harness/statistics';

const ROUNDS = 3;
/** From here on munkres-js takes seconds. */
const MOST_FOR_MUNKRES_JS = 100;

/** The Hungarian method three times: ours, and the two packages that it is checked against, on functions × slots. */
export function assignmentStudy(sizes: readonly (readonly [number, number])[], log: (text: string) => void): string[] {
  const rows = sizes.map(([rows, columns]) => {
    const random = seededRandom(rows);
    const costs = Float64Array.from({ length: rows * columns }, () => random() * 1000);
    const matrix = Array.from({ length: rows }, (_, row) => [...costs.subarray(row * columns, (row + 1) * columns)]);
    const own = medianMs(() => shortestAugmentingPath(costs, rows, columns));
    const other = medianMs(() => munkres(matrix));
    const old = rows <= MOST_FOR_MUNKRES_JS ? medianMs(() => munkresJs(matrix)) : null;
    log(`assignment ${rows} × ${columns}: ${own.toFixed(1)} ms, munkres ${other.toFixed(1)} ms`);
    return [`${rows} × ${columns}`, own.toFixed(1), other.toFixed(1), old?.toFixed(1) ?? ''];
  });
  return [
    '## The assignment alone',
    '',
    `Functions × node slots with random costs, median of ${ROUNDS}, ms. \`munkres-js\` is left out where it takes seconds.`,
    '',
    ...markdownTable(['rows × columns', 'ours', 'munkres 2.0.4', 'munkres-js 1.2.2'], rows),
    '',
  ];
}

function medianMs(work: () => unknown): number {
  const samples = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
  return quantile(samples, 0.5);
}
