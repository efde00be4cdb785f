import { replicaGains, type ReplicaGain } from '../../core/placement/user-latency';
import type { PlacementCase } from '../../core/placement/placement-case';
import { markdownTable } from '../harness/markdown-table';
import { figure, type Figure } from '../harness/report';
import { quantile } from '../harness/statistics';
import type { Popularity } from './popularity';
import { realApps } from './real-apps';
import { seedRows, type SeedRows } from './seed-rows';
import { OWN, SOLVERS, timed } from './solvers';

const SOLVE_SEED = 1;
const MOST_GAINS = 5;
/** Leave for every function, in a row of its own. */
const MOST_REPLICAS = 3;
const WITH_REPLICAS = 'search, replicas for all';
/** What the others are compared with. */
const ANCHORS = ['random', 'kubernetes-like'];

export interface ScenarioStudy {
  readonly figures: Figure[];
  readonly sections: string[];
}

/** The table of the design document for every solver on applications as popular as real ones. */
export function scenarioStudy(
  functions: number,
  nodes: number,
  seed: number,
  popularity: Popularity,
  log: (text: string) => void,
): ScenarioStudy {
  const problem = realApps({ functions, nodes, seed, popularity });
  const results = SOLVERS.map((solver) => {
    const { placement, ms } = timed(solver, problem, SOLVE_SEED);
    const rows = seedRows(problem, placement);
    log(
      `${functions} × ${nodes}, ${solver.name}: ${rows.dollarsADay.toFixed(0)} $ a day, ${rows.violations} broken, ${ms.toFixed(0)} ms`,
    );
    return { name: solver.name, rows, ms, placement };
  });
  const own = results.find(({ name }) => name === OWN.name)!;
  const open = withReplicas(problem);
  const spread = timed(OWN, open, SOLVE_SEED);
  const spreadRows = seedRows(open, spread.placement);
  const gains = replicaGains(problem, own.placement);
  const name = `placement.${functions}x${nodes}`;
  return {
    figures: [
      figure(`${name}.broken-constraints`, 'constraints', own.rows.violations + spreadRows.violations, 2, {
        atMost: 0,
      }),
      ...ANCHORS.flatMap((anchor) => {
        const { rows } = results.find((result) => result.name === anchor)!;
        return ROWS.map(({ key, title, of }) =>
          figure(`${name}.${key}-to-${anchor}`, `ratio of ${title}`, of(own.rows) / of(rows), 1),
        );
      }),
      figure(
        `${name}.user-p99-with-replicas`,
        'ratio to the same without',
        spreadRows.userP99Ms / own.rows.userP99Ms,
        1,
      ),
      figure(
        `${name}.cost-with-replicas`,
        'ratio to the same without',
        spreadRows.dollarsADay / own.rows.dollarsADay,
        1,
      ),
    ],
    sections: [
      `## ${functions} functions on ${nodes} nodes`,
      '',
      ...markdownTable(
        ['solver', ...ROWS.map(({ title }) => title), 'of it room', 'constraints broken', 'solved in'],
        [...results, { name: WITH_REPLICAS, rows: spreadRows, ms: spread.ms }].map(({ name: solver, rows, ms }) => [
          solver,
          ...ROWS.map(({ of, digits, unit }) => `${(of(rows) * unit).toFixed(digits)}`),
          rows.roomDollarsADay.toFixed(0),
          String(rows.violations),
          `${ms.toFixed(0)} ms`,
        ]),
      ),
      '',
      ...gainSection(problem, gains),
    ],
  };
}

/** The same case in which every function may be in up to three regions. */
function withReplicas(problem: PlacementCase): PlacementCase {
  const replicas = { min: 1, max: MOST_REPLICAS };
  return { ...problem, functions: problem.functions.map((fn) => ({ ...fn, replicas })) };
}

const ROWS: readonly {
  readonly key: string;
  readonly title: string;
  readonly of: (rows: SeedRows) => number;
  readonly unit: number;
  readonly digits: number;
}[] = [
  { key: 'user-p99', title: 'P99 user latency, ms', of: ({ userP99Ms }) => userP99Ms, unit: 1, digits: 0 },
  { key: 'user-mean', title: 'mean, ms', of: ({ userMeanMs }) => userMeanMs, unit: 1, digits: 1 },
  { key: 'data-access', title: 'data access, ms', of: ({ dataMs }) => dataMs, unit: 1, digits: 1 },
  { key: 'inter-function', title: 'inter-function overhead, ms', of: ({ callMs }) => callMs, unit: 1, digits: 1 },
  { key: 'utilisation', title: 'utilisation, %', of: ({ utilisation }) => utilisation, unit: 100, digits: 0 },
  { key: 'cost', title: '$ a day', of: ({ dollarsADay }) => dollarsADay, unit: 1, digits: 0 },
];

function gainSection(problem: PlacementCase, gains: readonly ReplicaGain[]): string[] {
  if (gains.length === 0) return [];
  const told = [...gains].sort((a, b) => b.savesPerHour - a.savesPerHour).slice(0, MOST_GAINS);
  const withSla = problem.functions.filter(({ sla }) => sla).length;
  const middle = (of: (gain: ReplicaGain) => number): string => quantile(gains.map(of), 0.5).toFixed(0);
  return [
    `${gains.length} functions have several replicas (${withSla} have an SLA of 60 ms for 99 % of their users): their P99 is ${middle(({ p99Ms }) => p99Ms)} ms in the middle, on the best single node it would be ${middle(({ singleP99Ms }) => singleP99Ms)} ms. The ${told.length} that save most:`,
    '',
    ...markdownTable(
      ['function', 'replicas on', 'P99, ms', 'P99 on the best single node, ms', 'saves $ a day'],
      told.map(({ function: id, nodes, p99Ms, singleNode, singleP99Ms, savesPerHour }) => [
        id,
        nodes.join(', '),
        p99Ms.toFixed(1),
        `${singleP99Ms.toFixed(1)} (${singleNode})`,
        ((24 * savesPerHour) / 1e6).toFixed(2),
      ]),
    ),
    '',
  ];
}
