import type { MixedOutcome } from '../mixed/mixed-outcome';
import type { Hurt } from './hurts';

/** What callers saw, apart from what they had to see: while the only gateway is down, connections break. */
export interface CallersVerdict {
  /** Answers 5xx of the platform's own while a gateway was there. The functions themselves never answer so. */
  readonly serverErrors: readonly MixedOutcome[];
  /** Connections refused or broken, answers broken off, while a gateway was there. */
  readonly broken: readonly MixedOutcome[];
  /** Answers that are whole and wrong, whenever; other refusals too. */
  readonly wrong: readonly MixedOutcome[];
  /** Failures of any sort that the gateway's own absence explains. */
  readonly whileGatewayDown: readonly MixedOutcome[];
}

/** Sorts the failures among the outcomes by when they were and what they are. */
export function judgeOutcomes(outcomes: readonly MixedOutcome[], hurts: readonly Hurt[]): CallersVerdict {
  const absences = hurts.filter(({ what, how }) => what === 'gateway' && how === 'killed');
  const touchesAbsence = ({ begun, ended }: MixedOutcome): boolean =>
    absences.some(({ at, usableAt }) => begun <= usableAt && ended >= at);
  const failed = outcomes.filter(({ failure }) => failure !== null);
  const wrong = failed.filter(({ failure, status }) => failure === 'wrong answer' || (status >= 400 && status < 500));
  const others = failed.filter((outcome) => !wrong.includes(outcome));
  const present = others.filter((outcome) => !touchesAbsence(outcome));
  return {
    serverErrors: present.filter(({ status }) => status >= 500),
    broken: present.filter(({ status }) => status < 500),
    wrong,
    whileGatewayDown: others.filter(touchesAbsence),
  };
}

/** How often each failure occurred, most first, as Markdown. */
export function failureLines(outcomes: readonly MixedOutcome[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind, failure } of outcomes) {
    const word = `${kind}: ${failure}`;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([word, count]) => `- ${word}, ${count} times`);
}
