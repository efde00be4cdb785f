import { seededRandom } from '../../../core/random/seeded-random';
import type { ExecutionProfile } from '../../traces/trace-set';
import type { SlotSource } from '../slots/slot-functions';
import type { BurstFit, LogNormal, PatternFit } from './fit-pattern';

/** A function that is made up from what real ones of its pattern are like. */
export interface GeneratedFunction {
  readonly id: string;
  readonly pattern: string;
  readonly fit: PatternFit;
  /** Mean calls a minute. */
  readonly rate: number;
  readonly minutes: number;
  readonly profile: ExecutionProfile;
  readonly seed: number;
}

const HOUR = 60;
/** Above it a Poisson number is drawn as a normal one. */
const LARGE = 60;

/**
 * Functions of a pattern: their rates are spread as those of the real ones are, at even distances from the rarest to the
 * busiest, and scaled so that together they have `callsADay`; execution times and memory are drawn from `profiles`.
 */
export function generateFunctions(
  pattern: string,
  fit: PatternFit,
  profiles: readonly ExecutionProfile[],
  plan: { readonly functions: number; readonly callsADay: number; readonly days: number; readonly seed: number },
): GeneratedFunction[] {
  const random = seededRandom(plan.seed);
  const drawn = Array.from({ length: plan.functions }, (_, index) => rateAt(fit.rates, (index + 0.5) / plan.functions));
  const scale = plan.callsADay / (24 * HOUR) / drawn.reduce((sum, rate) => sum + rate, 0);
  return drawn.map((rate, index) => ({
    id: `${pattern}-${index}`,
    pattern,
    fit,
    rate: rate * scale,
    minutes: plan.days * 24 * HOUR,
    profile: profiles[Math.floor(random() * profiles.length)] as ExecutionProfile,
    seed: Math.floor(random() * 2 ** 31),
  }));
}

/** Its calls in each minute: Poisson, about its rate × the hour of the week × what that hour has beyond × its bursts. */
export function generatedSource({ id, pattern, fit, rate, minutes, profile, seed }: GeneratedFunction): SlotSource {
  const random = seededRandom(seed);
  const level = new Float64Array(minutes);
  let beyond = 1;
  for (let minute = 0; minute < minutes; minute++) {
    // The mean of the factor is 1.
    if (minute % HOUR === 0) beyond = Math.exp(fit.hourSigma * normal(random) - fit.hourSigma ** 2 / 2);
    level[minute] = (fit.week[Math.floor(minute / HOUR) % fit.week.length] as number) * (fit.bursts ? 1 : beyond);
  }
  if (fit.bursts) onlyInBursts(level, fit.bursts, random);
  const mean = level.reduce((sum, each) => sum + each, 0) / minutes;
  const counts = level.map((each) => poisson(mean > 0 ? (rate * each) / mean : 0, random));
  return { id, pattern, counts, ...profile };
}

/** Bursts come and last as the real ones; what varies from hour to hour is in their levels. */
function onlyInBursts(level: Float64Array, { spacing, duration, level: height }: BurstFit, random: () => number): void {
  const draw = ({ mean, sigma }: LogNormal): number => Math.exp(mean + sigma * normal(random));
  let minute = 0;
  while (minute < level.length) {
    const quiet = minute + Math.max(1, Math.round(draw(spacing)));
    level.fill(0, minute, quiet);
    const end = quiet + Math.max(1, Math.round(draw(duration)));
    const factor = draw(height);
    for (minute = quiet; minute < Math.min(end, level.length); minute++)
      level[minute] = (level[minute] as number) * factor;
    minute = end;
  }
}

function rateAt(rates: Float64Array, share: number): number {
  return rates[Math.min(rates.length - 1, Math.floor(share * rates.length))] as number;
}

function poisson(mean: number, random: () => number): number {
  if (mean > LARGE) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let calls = 0;
  for (let product = random(); product > limit; product *= random()) calls++;
  return calls;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
