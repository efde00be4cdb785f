import { figure, type Figure } from '../../harness/report';
import { markdownTable } from '../../harness/markdown-table';
import type { JobScores, Play, PlayJob } from '../play/play-job';
import { waste, type PolicyScore } from '../scores/policy-score';
import { atWaste } from '../scores/front';
import type { Scored } from '../slots/slot-outcome';
import type { Ladder } from './ladder-prices';

interface LadderRun {
  readonly name: string;
  readonly ladder: Ladder | null;
  readonly bar: number | null;
}

/** Seconds of a thaw and of a restore as `npm run bench -- starts` measures them, and a restore as published ones are. */
const [WARM, RESTORE, SLOW_RESTORE] = [0.0027, 0.025, 0.2];
/** Share of a restored instance's pages that are not its image's: `clone.tenth.share` of `npm run bench -- starts`. */
const OWN_SHARE = 0.087;
/** A gigabyte of disk costs about a twentieth of one of memory. */
const DISK_SHARE = 0.05;
const AT_MOST = 0.2;

const RUNS: readonly LadderRun[] = [
  { name: 'without', ladder: null, bar: null },
  { name: 'pages-shared', ladder: ladder(RESTORE, 1, OWN_SHARE), bar: AT_MOST },
  { name: 'pages-shared-restore-0.2s', ladder: ladder(SLOW_RESTORE, 1, OWN_SHARE), bar: null },
  { name: 'nothing-shared', ladder: ladder(RESTORE, 1, 1), bar: AT_MOST },
  { name: 'image-on-disk', ladder: ladder(RESTORE, DISK_SHARE, 1), bar: null },
];
/** GB·s that a second of waiting is worth. The ladder is held against what is had without it at the middle price. */
const WITHOUT_PRICES = [500, 1_000, 2_000] as const;
const LADDER_PRICES = [700, 2_500, 9_000, 30_000] as const;

/** Jobs of `presage` with and without rungs between running and nothing. @param every only each so many-th function */
export function ladderJobs(set: string, scored: Scored, every: number): PlayJob[] {
  return RUNS.flatMap((run) =>
    pricesOf(run).map((gbSeconds) => {
      const play: Play = { policy: { kind: 'presage' }, pricing: { per: 'second', gbSeconds, ladder: run.ladder } };
      return { functions: { set, every }, plays: [play], scored: [scored] };
    }),
  );
}

/** The bar and the tables. @param scores of the jobs of `ladderJobs` */
export function ladderResult(scores: readonly JobScores[], every: number): { figures: Figure[]; section: string[] } {
  let next = 0;
  const fronts = RUNS.map((run) => pricesOf(run).map(() => scores[next++]?.[0]?.[0] as PolicyScore));
  const without = fronts[0]?.[1] as PolicyScore;
  const figures: Figure[] = [];
  const compared = RUNS.slice(1).map(({ name, bar }, index) => {
    const front = fronts[index + 1] as PolicyScore[];
    const delay = delayAt(front, waste(without));
    if (delay === null) return [name, 'dearer at every price'];
    const ratio = delay / without.delaySeconds;
    figures.push(figure(`policy.ladder.${name}.added-seconds-to-without`, 'ratio', ratio, without.functions.length, bar === null ? undefined : { atMost: bar })); // prettier-ignore
    return [name, ratio.toFixed(3)];
  });
  const rows = RUNS.flatMap((run, index) =>
    pricesOf(run).map((price, at) => {
      const score = fronts[index]?.[at] as PolicyScore;
      return [run.name, String(price), waste(score).toFixed(2), score.delaySeconds.toFixed(0), String(score.cold)];
    }),
  );
  return {
    figures,
    section: [
      '## With the ladder',
      '',
      `\`presage\` with the rungs frozen (${WARM} s) and restore (${RESTORE} s, ${SLOW_RESTORE} s where it says so) between running and nothing, against \`presage\` without them, ${every === 1 ? 'all functions' : `each ${every}th function`}. Here the policy is told what a second of waiting is worth. Equal price: what all rests cost together, in GB·s at the price of memory; an instance that rests unfrozen costs 0.034 GB more for its CPU. An image has as many bytes as an instance; it lies in memory at the full price, once for each function, for as long as the first slot is on any rung but nothing; further slots restore from it while it is there. *pages-shared*: an instance shares all pages but ${OWN_SHARE} with its image, as measured of clones; *nothing-shared*: none, each instance costs all of its memory beside the image; *image-on-disk*: the image costs ${DISK_SHARE} of that.`,
      '',
      ...markdownTable(['ladder', 'added seconds to those without, at equal price'], compared),
      '',
      ...markdownTable(['ladder', 'GB·s a second', 'price, M GB·s', 'added seconds', 'calls from nothing'], rows),
      '',
    ],
  };
}

/** Where even the dearest costs less than what is asked, the dearest: it is faster for less. */
function delayAt(front: readonly PolicyScore[], millions: number): number | null {
  const dearest = front.reduce((most, score) => (waste(score) > waste(most) ? score : most));
  if (millions >= waste(dearest)) return dearest.delaySeconds;
  return atWaste(front, millions, ({ delaySeconds }) => delaySeconds);
}

function pricesOf({ ladder }: LadderRun): readonly number[] {
  return ladder ? LADDER_PRICES : WITHOUT_PRICES;
}

function ladder(restoreSeconds: number, imageShare: number, ownShare: number): Ladder {
  return { warmSeconds: WARM, restoreSeconds, imageShare, ownShare };
}
