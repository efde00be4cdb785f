import { PlatformError } from '../../error/platform-error';
import { parseDuration } from '../../function/quantity';
import type { WarmingPolicy } from '../warming-policy';
import { fixed } from './fixed';
import { greedyDual } from './greedy-dual';
import { hybridHistogram } from './hybrid-histogram';
import { none } from './none';
import { presage } from './presage';
import { seed } from './seed';

const SIMPLE: ReadonlyMap<string, WarmingPolicy> = new Map(
  [none, greedyDual, presage, seed()].map((policy) => [policy.name, policy]),
);
/** Policies that take a time after a colon, and the one they have without. */
const TIMED: ReadonlyMap<string, TimedPolicy> = new Map([
  ['fixed', { usual: '10m', make: fixed }],
  [
    'hybrid-histogram',
    { usual: '4h', make: (seconds: number, name: string) => ({ ...hybridHistogram(seconds / 60), name }) },
  ],
]);

interface TimedPolicy {
  readonly usual: string;
  make(seconds: number, name: string): WarmingPolicy;
}

/** Names that `policyOf` takes; the oracle is not among them: nobody knows the future but a replay. */
export const POLICY_NAMES: readonly string[] = [...SIMPLE.keys(), ...TIMED.keys()];

const [SHORTEST, LONGEST] = [1, 86_400];

/** A policy by its name, such as `presage`, `fixed:10m` or `hybrid-histogram:4h`. @throws PlatformError invalid_argument */
export function policyOf(text: string): WarmingPolicy {
  const [name = '', parameter, ...rest] = text.split(':');
  const timed = TIMED.get(name);
  const simple = SIMPLE.get(name);
  if (rest.length === 0 && simple && parameter === undefined) return simple;
  if (rest.length === 0 && timed) {
    const duration = parameter ?? timed.usual;
    return timed.make(secondsOf(duration, text), `${name}:${duration}`);
  }
  const names = POLICY_NAMES.map((known) => (TIMED.has(known) ? `${known}[:DURATION]` : known)).join(', ');
  throw new PlatformError('invalid_argument', `There is no policy "${text}": choose among ${names}`);
}

function secondsOf(duration: string, text: string): number {
  let seconds = Number.NaN;
  try {
    seconds = parseDuration(duration) / 1000;
  } catch {
    // Told below, with the bounds.
  }
  if (!(seconds >= SHORTEST && seconds <= LONGEST)) {
    throw new PlatformError('invalid_argument', `"${text}": the time must be from 1s to 24h, such as 10m`);
  }
  return seconds;
}
