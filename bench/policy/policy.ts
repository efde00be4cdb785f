import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import type { Bench, BenchRequest, BenchResult } from '../bench';
import type { Figure } from '../harness/report';
import { missedBars } from '../harness/missed-bars';
import { fleetPrior } from './baselines/cost-window';
import { ladderJobs, ladderResult } from './ladder/ladder-runs';
import { patternRuns, patternScores } from './patterns/pattern-runs';
import { playAll } from './play/play-all';
import type { JobScores, PlayJob } from './play/play-job';
import { policyPlots } from './report/policy-plots';
import { rowSections } from './report/row-tables';
import { patternSection, seedSection } from './report/seed-table';
import { dayFigures, hourFigures } from './rows/bar-figures';
import { ALL_PRICES, baselineRows, knownOn, priceRow, QUICK_PRICES } from './rows/policy-rows';
import { rowJobs, withScores, type ScoredRows, type Stretch } from './rows/scored-rows';
import { dayStretches, hourStretches } from './rows/stretches';
import type { SlotFunction } from './slots/slot-function';
import { slotFunctions, timedFunction } from './slots/slot-functions';
import { policyTraces, type PolicyTraces } from './traces/policy-traces';

export const policyBench: Bench = {
  name: 'policy',
  description:
    'warming policies on days of real traffic: cold starts against memory-time, with the fronts of all, beside an oracle',
  run: measurePolicies,
};

const SEED = 11;
/** Memory of the one function of `requests`, of which the trace says nothing. */
const REQUEST_GB = 1;
/** Quick: each so many-th function is played with the ladder, and of those that are generated. */
const [QUICK_LADDER, QUICK_PATTERNS] = [8, 10] as const;

/** A part of the report: its jobs, and what becomes of their scores. */
interface Part {
  readonly jobs: readonly PlayJob[];
  readonly result: (scores: readonly JobScores[]) => { figures: Figure[]; sections: string[] };
}

async function measurePolicies({ quick, data, log }: BenchRequest): Promise<BenchResult> {
  const traces = policyTraces(data);
  const sets = new Map<string, readonly SlotFunction[]>();
  const prices = quick ? QUICK_PRICES : ALL_PRICES;
  const parts = [...daysParts(traces, sets, quick, prices), ...hoursParts(traces, sets, prices)];
  log(`${parts.flatMap(({ jobs }) => jobs).length} plays`);
  const scores = await playAll(sets, parts.flatMap(({ jobs }) => jobs), log); // prettier-ignore
  let next = 0;
  const results = parts.map((part) => part.result(scores.slice(next, (next += part.jobs.length))));
  const figures = results.flatMap((result) => result.figures);
  return {
    figures,
    sections: [
      `Traces: \`${path.relative(assetPath('.'), traces.folder)}\`.`,
      '',
      ...missedBars(figures),
      ...METHOD,
      ...results.flatMap(({ sections }) => sections),
    ],
  };
}

const METHOD = [
  '## How it is played',
  '',
  'Slot k of a function is in use while more than k of its calls run; a policy decides on what each rest of a slot is spent, and a call that finds its slot let go is cold. A minute with one call has it at the same second every time, several come at random ones; times of a call are lognormal. Waste is memory-time of rests, starts ahead of time included. `presage` and the cost window are told what a start from nothing is worth, in GB·s (the number behind the name); bars are read off between two such prices, by a straight line in waste and in the logarithm of the share. The constants of `presage` were chosen on days 1-9 of `azure12d`; days 10-12 were not looked at.',
  '',
];

function daysParts(
  { days }: PolicyTraces,
  sets: Map<string, readonly SlotFunction[]>,
  quick: boolean,
  prices: readonly number[],
): Part[] {
  // prettier-ignore
  if (!days) return [];
  const functions = slotFunctions(days.sources, SEED);
  sets.set(days.name, functions);
  const stretches = dayStretches(days.minutes);
  const first = stretches[0] as Stretch;
  const note = days.drawn ? [`Execution times and memory of ${days.name} are drawn from functions of azure8h: it has none of its own.`, ''] : []; // prettier-ignore
  const every = quick ? QUICK_LADDER : 1;
  const patternEvery = quick ? QUICK_PATTERNS : 1;
  const patterns = patternRuns(days.sources, patternEvery);
  const rows = rowsPart(days.name, functions, stretches, prices, (scored) => ({
    figures: dayFigures(scored),
    sections: [...seedSection(scored), `## ${days.name}`, '', ...note, ...policyPlots('policy', scored), ...rowSections(scored)], // prettier-ignore
  }));
  const ladder: Part = {
    jobs: ladderJobs(days.name, first, every),
    result: (scores) => {
      const { figures, section } = ladderResult(scores, every);
      return { figures, sections: section };
    },
  };
  const generated: Part = {
    jobs: patterns.map(({ job }) => job),
    result: (scores) => ({ figures: [], sections: patternSection(patternScores(patterns, scores), patternEvery) }),
  };
  return [rows, ladder, generated];
}

function hoursParts(
  { hours, requests }: PolicyTraces,
  sets: Map<string, readonly SlotFunction[]>,
  prices: readonly number[],
): Part[] {
  // prettier-ignore
  const parts: Part[] = [];
  if (hours) {
    const functions = slotFunctions(hours.sources, SEED);
    sets.set(hours.name, functions);
    parts.push(
      rowsPart(hours.name, functions, hourStretches(hours.minutes * 60), prices, (scored) => ({
        figures: hourFigures(scored, hours.name),
        sections: [`## ${hours.name}`, '', ...policyPlots('policy-hours', scored), ...rowSections(scored)],
      })),
    );
  }
  for (const times of requests) {
    const functions = [timedFunction(times, REQUEST_GB, SEED)];
    sets.set(times.id, functions);
    parts.push(
      rowsPart(times.id, functions, hourStretches(times.at.at(-1) ?? 0), prices, (scored) => ({
        figures: [],
        sections: [
          `## ${times.id}`,
          '',
          `Single requests of one service, taken as one function of ${REQUEST_GB} GB; a call takes 0.1 s and 0.025 s for each token that it generates.`,
          '',
          ...rowSections(scored),
        ],
      })),
    );
  }
  return parts;
}

/** All policies on one set. */
function rowsPart(
  title: string,
  functions: readonly SlotFunction[],
  stretches: readonly Stretch[],
  prices: readonly number[],
  told: (rows: ScoredRows) => { figures: Figure[]; sections: string[] },
): Part {
  const baselines = baselineRows(fleetPrior(functions, stretches[0]?.from ?? 0), prices).map((row) =>
    knownOn(title, row),
  );
  const presage = prices.map((price) => priceRow({ kind: 'presage' }, price));
  const rows = [...presage, ...baselines];
  return {
    jobs: rowJobs(title, rows, stretches),
    result: (scores) => {
      const scored = withScores(rows, scores);
      return told({
        title,
        stretches,
        presage: scored.slice(0, presage.length),
        baselines: scored.slice(presage.length),
      });
    },
  };
}
