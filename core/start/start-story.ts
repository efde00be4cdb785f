import type { RungName } from '../warming/warming-policy';
import type { StartCause, StartKind } from './start';

/** What is read of an invocation; times are milliseconds. */
interface ToldInvocation {
  readonly kind: StartKind | null;
  readonly cause: StartCause | null;
  readonly totalMs: number;
  readonly phases: Readonly<Record<string, number>>;
}

/** Whose time it was: the gateway's, that of getting an instance, or the function's own. */
export const TIME_PARTS = ['platform', 'start', 'function'] as const;
type TimePart = (typeof TIME_PARTS)[number];

/** One stretch of an invocation's time. */
export interface TimeSlice {
  readonly part: TimePart;
  readonly what: string;
  readonly ms: number;
}

const HOW: Readonly<Record<StartKind, string>> = {
  hot: 'a running instance was free',
  warm: 'a frozen instance was thawed',
  restore: 'an instance was restored from a checkpoint',
  cold: 'an instance was started from nothing',
};
/** Why a start was not hot, in words. */
export const WHY: Readonly<Record<StartCause, string>> = {
  first: 'it was the first one of this revision on the node',
  expired: 'the instance before had been idle for too long',
  evicted: 'the instance before had to give up its memory to others',
  'forecast-miss': 'the forecast had not expected it',
  burst: 'all instances were busy: more requests came at once than were expected',
  deploy: 'the revision had just been deployed',
  migration: 'the function had just moved to this node',
  'restore-failed': 'a checkpoint could not be restored, so the next way was taken',
  'node-lost': 'the node of the instance before was lost',
};
const MAKING: Readonly<Record<StartKind, string>> = {
  hot: 'make the sandbox run',
  warm: 'thaw the sandbox',
  restore: 'restore the sandbox',
  cold: 'create and start the sandbox',
};

/** In a sentence how the invocation got its instance, and why not a hot one. */
export function startStory(invocation: Pick<ToldInvocation, 'kind' | 'cause'>): string {
  if (invocation.kind === null) return 'It reached no instance.';
  const why = invocation.cause === null ? '' : `, because ${WHY[invocation.cause] ?? invocation.cause}`;
  return `${invocation.kind}: ${HOW[invocation.kind]}${why}.`;
}

/** Where the time went, in order. The slices sum to the total: what no phase accounts for is named as such. */
export function timeSlices(invocation: Omit<ToldInvocation, 'cause'>): TimeSlice[] {
  const { phases, totalMs, kind } = invocation;
  const slices: TimeSlice[] = [];
  let accounted = 0;
  const add = (part: TimePart, what: string, ms: number): void => {
    const capped = Math.min(Math.max(ms, 0), totalMs - accounted);
    accounted += capped;
    if (capped > 0.0005) slices.push({ part, what, ms: capped });
  };
  const of = (name: string): number => phases[name] ?? 0;
  add('platform', 'know the caller and choose the revision', of('admit'));
  const start = of('agentQueue') + of('sandbox') + of('ready');
  if (start <= of('wait')) {
    add('start', 'wait for a free start slot', of('agentQueue'));
    add('start', MAKING[kind ?? 'cold'], of('sandbox'));
    add('start', 'wait until the function listens', of('ready'));
    add('start', 'between gateway and agent', of('wait') - start);
  } else {
    add('start', 'wait for a start that was under way', of('wait'));
  }
  const inFunction = of('firstByte') + of('body');
  add('platform', 'hand the request over', totalMs - accounted - inFunction);
  add('function', 'the function, until its first byte', of('firstByte'));
  add('function', 'the rest of the answer', of('body'));
  return slices;
}

/** What a call finds of an instance that is on a rung. */
export const FOUND: Readonly<Record<RungName, string>> = {
  running: 'a running instance',
  frozen: 'a frozen instance',
  local: 'its checkpoint on the node',
  remote: 'its checkpoint in the store',
  nothing: 'nothing',
};
