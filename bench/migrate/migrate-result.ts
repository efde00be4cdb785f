import type { BenchResult } from '../bench';
import { failureLines } from '../chaos/verdict';
import { missedBars } from '../harness/missed-bars';
import { figure } from '../harness/report';
import { quantile } from '../harness/statistics';
import type { LedgerVerdict } from '../mixed/async-ledger';
import type { MixedOutcome } from '../mixed/mixed-outcome';
import { goingFigures, type NodeGoing } from './node-going';

/** One move as it was seen from outside. Times in milliseconds on the clock of the outcomes. */
export interface MeasuredMove {
  readonly to: string;
  readonly begun: number;
  readonly ended: number;
  readonly state: string;
  readonly error: string | null;
}

/** All that was seen. */
export interface MigrateRun {
  readonly moves: readonly MeasuredMove[];
  /** Nodes that went after the moves, in their order. */
  readonly goings: readonly NodeGoing[];
  readonly outcomes: readonly MixedOutcome[];
  /** What began before belongs to the warm-up. */
  readonly measuredFrom: number;
  readonly ledger: LedgerVerdict;
  /** Instances on a node that the function is not placed on, after the end. */
  readonly strays: number;
  readonly orphans: Readonly<Record<string, number>>;
}

const LONG_WAIT_MS = 200;
/** After its end a move may still be felt. */
const ECHO_MS = 500;
const RATE_BAR = 200;
const MOVES_BAR = 100;

/** The figures of the bars, and what was behind them. */
export function migrateResult(run: MigrateRun, rate: number): BenchResult {
  const { moves, goings, measuredFrom, ledger, strays, orphans } = run;
  const movesEnd = goings[0]?.begun ?? Number.POSITIVE_INFINITY;
  const outcomes = run.outcomes.filter(({ begun }) => begun < movesEnd);
  const failed = outcomes.filter(({ failure }) => failure !== null);
  const plain = outcomes.filter(({ kind, begun }) => kind === 'plain' && begun >= measuredFrom);
  const moved = plain.filter(({ begun, ended }) => moves.some((move) => begun <= move.ended + ECHO_MS && ended >= move.begun)); // prettier-ignore
  const during = new Set(moved);
  const waitOf = ({ begun, ended, executeMs }: MixedOutcome): number => ended - begun - executeMs;
  const quiet = plain.filter((outcome) => !during.has(outcome)).map(waitOf);
  const moving = moved.map(waitOf);
  const [quietP99, movingP99] = [quantile(quiet, 0.99), quantile(moving, 0.99)];
  const longSeconds = new Set(moved.filter((outcome) => waitOf(outcome) > LONG_WAIT_MS).map(({ begun }) => Math.floor(begun / 1000))); // prettier-ignore
  const quietLong = plain.filter((outcome) => !during.has(outcome) && waitOf(outcome) > LONG_WAIT_MS).length;
  const took = moves.map(({ begun, ended }) => (ended - begun) / 1000);
  const seconds =
    (quantile(
      plain.map(({ begun }) => begun),
      1,
    ) -
      measuredFrom) /
    1000;
  const left = strays + Object.values(orphans).reduce((sum, count) => sum + count, 0);
  const zero = { atMost: 0 };
  const figures = [
    figure('migrate.moves', 'migrations', moves.length, moves.length, { atLeast: MOVES_BAR }),
    figure('migrate.completed', 'migrations', moves.filter(({ state }) => state === 'completed').length, moves.length, { atLeast: moves.length }), // prettier-ignore
    figure('migrate.rate', 'plain requests/s', plain.length / seconds, plain.length, { atLeast: Math.min(RATE_BAR, rate) * 0.99 }), // prettier-ignore
    figure('migrate.failed', 'requests', failed.length, outcomes.length, zero),
    figure('migrate.async.lost', 'invocations', ledger.lost.length + ledger.unanswered.length, ledger.accepted, zero),
    figure('migrate.async.twice', 'invocations', ledger.twice.length, ledger.accepted, zero),
    figure('migrate.quiet.p50', 'ms', quantile(quiet, 0.5), quiet.length),
    figure('migrate.quiet.p99', 'ms', quietP99, quiet.length),
    figure('migrate.moving.p50', 'ms', quantile(moving, 0.5), moving.length),
    figure('migrate.moving.p99', 'ms', movingP99, moving.length),
    figure('migrate.p99.aboveQuiet', 'ms', movingP99 - quietP99, moving.length, { atMost: 20 }),
    figure('migrate.secondsOfLongWaits', 'seconds', longSeconds.size, moves.length, zero),
    figure('migrate.longestWait', 'ms', quantile(moving, 1), moving.length),
    figure('migrate.quiet.longestWait', 'ms', quantile(quiet, 1), quiet.length),
    figure('migrate.took.p50', 's', quantile(took, 0.5), took.length),
    figure('migrate.took.max', 's', quantile(took, 1), took.length),
    ...goingFigures(run.outcomes, goings),
    figure('migrate.orphans', 'things', left, 1, zero),
  ];
  const counts = (kind: string): number => outcomes.filter((outcome) => outcome.kind === kind).length;
  return {
    figures,
    sections: [
      'A wait is what a caller saw of a plain request beyond the time that the function was asked to take. Quiet is between the moves, on the same platform under the same load; a move counts from its request until half a second after its end.',
      'Then the node that serves is drained, and the other one is lost: its agent and its instances are killed, and nothing starts them anew before its functions are elsewhere. Served as usual: after the last request that failed or waited over half a second.',
      '',
      `Requests: ${counts('plain')} plain, ${counts('stream')} streams of 3 s, ${counts('accept')} async. Quiet requests that waited over ${LONG_WAIT_MS} ms: ${quietLong}. Instances on the other node after the end: ${strays}; left over: ${JSON.stringify(orphans)}.`,
      '',
      ...missedBars(figures),
      ...titled('Failed requests', failureLines(failed)),
      ...titled('Moves that did not complete', moves.filter(({ state }) => state !== 'completed').map(({ to, state, error }) => `- to ${to}: ${state}, ${error ?? ''}`)), // prettier-ignore
      ...titled('Async invocations lost', [...ledger.lost, ...ledger.unanswered]),
    ],
  };
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];
}
