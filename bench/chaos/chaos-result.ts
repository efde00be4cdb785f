import type { BenchResult } from '../bench';
import { figure, type Figure } from '../harness/report';
import type { LedgerVerdict } from '../mixed/async-ledger';
import { MIXED_KINDS, type MixedOutcome } from '../mixed/mixed-outcome';
import type { Hurt } from './hurts';
import { failureLines, judgeOutcomes } from './verdict';

const RECOVERY_BAR_MS = 5_000;
const HURTS_BAR = 5;

/** All that was seen in one run. */
export interface ChaosRun {
  readonly outcomes: readonly MixedOutcome[];
  readonly hurts: readonly Hurt[];
  readonly ledger: LedgerVerdict;
  /** What nobody answered for while the platform ran, and what was there after it had ended. */
  readonly orphans: Readonly<Record<string, number>>;
  readonly remains: Readonly<Record<string, number>>;
}

/** The figures of the issue's bars, and what was behind them. */
export function chaosResult({ outcomes, hurts, ledger, orphans, remains }: ChaosRun): BenchResult {
  const { serverErrors, broken, wrong, whileGatewayDown } = judgeOutcomes(outcomes, hurts);
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  const { accepted } = ledger;
  const zero = { atMost: 0 };
  const total = outcomes.length;
  return {
    figures: [
      figure('chaos.requests', 'requests', total, total),
      figure('chaos.platform5xx', 'answers', serverErrors.length, total, zero),
      figure('chaos.broken', 'requests', broken.length, total, zero),
      figure('chaos.wrong', 'answers', wrong.length, total, zero),
      figure('chaos.whileGatewayDown', 'requests', whileGatewayDown.length, total),
      figure('chaos.async.accepted', 'invocations', accepted, accepted),
      figure('chaos.async.lost', 'invocations', ledger.lost.length, accepted, zero),
      figure('chaos.async.unanswered', 'invocations', ledger.unanswered.length, accepted, zero),
      figure('chaos.async.twice', 'invocations', ledger.twice.length, accepted, zero),
      figure('chaos.async.seen', 'invocations', ledger.seen, accepted),
      figure('chaos.async.left', 'runs', ledger.left, accepted),
      ...recoveryFigures(hurts),
      figure('chaos.orphans', 'things', sum(orphans) + sum(remains), 1, zero),
    ],
    sections: [
      'Completions are counted where they happen: a run says in its log, as its last act, that it has done its work, unless whoever made the try has gone meanwhile (`left`). `seen` says of how many accepted invocations at least one such line was found; a second one of the others could not have been seen.',
      '',
      `Requests: ${MIXED_KINDS.map((kind) => `${outcomes.filter((outcome) => outcome.kind === kind).length} ${kind}`).join(', ')}.`,
      `Left over while it ran: ${JSON.stringify(orphans)}; after its end: ${JSON.stringify(remains)}.`,
      '',
      '| at | hurt | back after |',
      '| ---: | --- | ---: |',
      ...hurts.map(hurtRow),
      ...titled('Platform 5xx while a gateway was there', failureLines(serverErrors)),
      ...titled('Broken while a gateway was there', failureLines(broken)),
      ...titled('Wrong', failureLines(wrong)),
      ...titled('Explained by the absence of the only gateway', failureLines(whileGatewayDown)),
      ...titled('Failures after each hurt, first to last', failuresByHurt(hurts, [...serverErrors, ...broken, ...wrong])),
      ...titled('Asynchronous invocations lost', ledger.lost),
      ...titled('Asynchronous invocations unanswered', ledger.unanswered),
      ...titled('Asynchronous invocations completed twice', ledger.twice),
    ],
  }; // prettier-ignore
}

/** For each thing that was hurt: how often, and the longest that something was away. */
function recoveryFigures(hurts: readonly Hurt[]): Figure[] {
  const names = [...new Set(hurts.map(nameOf))];
  return names.flatMap((name) => {
    const own = hurts.filter((hurt) => nameOf(hurt) === name);
    const longest = Math.max(...own.map(({ recoveryMs }) => recoveryMs ?? Infinity));
    return [
      figure(`chaos.hurts.${name}`, 'times', own.length, own.length, { atLeast: HURTS_BAR }),
      figure(`chaos.recovery.${name}`, 'ms', longest, own.length, { atMost: RECOVERY_BAR_MS }),
    ];
  });
}

function nameOf({ what, how }: Hurt): string {
  return how === 'stopped' ? 'stopped' : what;
}

function hurtRow({ at, what, how, recoveryMs }: Hurt): string {
  const back = recoveryMs === null ? 'not at all' : `${recoveryMs.toFixed(0)} ms`;
  return `| ${(at / 1000).toFixed(1)} s | ${what} ${how} | ${back} |`;
}

function failuresByHurt(hurts: readonly Hurt[], failures: readonly MixedOutcome[]): string[] {
  return hurts.flatMap(({ what, how, at }, index) => {
    const until = hurts[index + 1]?.at ?? Infinity;
    const own = failures.filter(({ ended }) => ended >= at && ended < until);
    return own.length === 0 ? [] : [`- ${what} ${how} at ${(at / 1000).toFixed(1)} s: ${failureLines(own).map((line) => line.slice(2)).join('; ')}`]; // prettier-ignore
  });
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];
}
