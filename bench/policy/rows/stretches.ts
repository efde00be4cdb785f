import type { Stretch } from './scored-rows';

const DAY = 86_400;
const WARM_UP_DAYS = 3;
/** What follows was not looked at when the policy's constants were chosen. */
const CHOSEN_ON_DAYS = 9;

/** Days of a trace that are scored: after the warm-up, those never looked at, and all from an empty history on. */
export function dayStretches(minutes: number): Stretch[] {
  const days = Math.floor(minutes / 1_440);
  const to = minutes * 60;
  const part = (first: number): Stretch => ({ name: `days ${first + 1}-${days}`, from: first * DAY, to });
  return [
    part(WARM_UP_DAYS),
    ...(days > CHOSEN_ON_DAYS ? [part(CHOSEN_ON_DAYS)] : []),
    { name: `empty history, days 1-${days}`, from: 0, to },
  ];
}

/** Shorter traces are scored after a quarter of them. */
export function hourStretches(seconds: number): Stretch[] {
  return [{ name: 'after the first quarter', from: seconds / 4, to: seconds }];
}
