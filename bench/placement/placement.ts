import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { missedBars } from '../harness/missed-bars';
import { assignmentStudy } from './assignment-study';
import { gapStudy } from './gap-study';
import { growthStudy, SIZES } from './growth-study';
import { readPopularity } from './popularity';
import { scenarioStudy } from './scenario-study';

const LOAD = 2.5;
const SCENARIOS = [
  [50, 12],
  [200, 30],
  [1_000, 50],
] as const;
const ASSIGNMENTS = [
  [50, 60],
  [100, 120],
  [200, 240],
  [500, 600],
  [1_000, 1_200],
  [2_000, 2_200],
] as const;
const QUICK = { seeds: 3, sizes: 3, rounds: 2 };
const ROUNDS = 5;

export const placementBench: Bench = {
  name: 'placement',
  description:
    'functions on edge, regional and central nodes by every solver, against the proven optimum; time to solve',
  options: {
    seeds: 'seeds held against the optimum; default 20, 3 with --quick',
    first: 'the first of them; default 1',
  },
  run: measurePlacement,
};

async function measurePlacement(request: BenchRequest): Promise<BenchResult> {
  const { quick, data, log } = request;
  const popularity = readPopularity(data);
  const seeds = countOption(request, 'seeds', quick ? QUICK.seeds : 20);
  const first = countOption(request, 'first', 1);
  const growth = growthStudy(
    quick ? SIZES.slice(0, QUICK.sizes) : SIZES,
    quick ? QUICK.rounds : ROUNDS,
    popularity,
    log,
  );
  const gap = await gapStudy(
    Array.from({ length: seeds }, (_, index) => first + index),
    LOAD,
    log,
  );
  const scenarios = (quick ? SCENARIOS.slice(0, 2) : SCENARIOS).map(([functions, nodes]) =>
    scenarioStudy(functions, nodes, first, popularity, log),
  );
  const figures = [...gap.figures, ...growth.figures, ...scenarios.flatMap((study) => study.figures)];
  return {
    figures,
    sections: [
      ...missedBars(figures),
      ...gap.sections,
      ...growth.sections,
      '## Scenarios',
      '',
      `Applications as often called as real ones (\`${popularity.file.split('/').slice(-2).join('/')}\`, Azure Functions Trace 2019), in cities of the real world; see \`bench/placement/real-apps.ts\`. ` +
        'A second of waiting counts a cent, so that the dollars a day are of harm; of it room is what CPU and memory cost. Schedulers that place one function after another know neither SLAs nor replicas. In the last row every function may have three replicas, not only those with an SLA.',
      '',
      ...scenarios.flatMap((study) => study.sections),
      ...assignmentStudy(quick ? ASSIGNMENTS.slice(0, 2) : ASSIGNMENTS, log),
    ],
  };
}
