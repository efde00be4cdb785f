import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '../../../core/random/seeded-random';
import { readTraceSet, holdsCounts, type ExecutionProfile, type TracedFunction } from '../../traces/trace-set';
import { tracesBeside } from '../../traces/traces-beside';
import type { SlotSource } from '../slots/slot-functions';
import { readRequestTimes, requestFiles, type RequestTimes } from './request-times';

/** Functions with what is counted of them. */
export interface PolicySet {
  readonly name: string;
  readonly minutes: number;
  readonly sources: readonly SlotSource[];
  /** Whether execution times and memory are the functions' own, or drawn from those of others. */
  readonly drawn: boolean;
}

/** What the bench plays; any part may be missing. */
export interface PolicyTraces {
  readonly folder: string;
  /** Days of counts. */
  readonly days: PolicySet | null;
  /** Hours of counts with times and memory of the same functions. */
  readonly hours: PolicySet | null;
  readonly requests: readonly RequestTimes[];
}

const [DAYS, HOURS, REQUESTS] = ['azure12d', 'azure8h', 'requests'] as const;
/** Draws the profiles of functions that have none. */
const DRAW_SEED = 5;
const LONG_MINUTES = 5 * 1_440;

/**
 * The traces of a folder with `azure12d`, `azure8h` and `requests`, of which any may be missing, or of one that holds counts
 * itself; without a folder, of the one beside the checkout. Functions without execution times and memory get those of
 * functions of `azure8h`, drawn at random.
 * @throws RangeError that says what is missing or wrong, and what would mend it
 */
export function policyTraces(data: string | undefined): PolicyTraces {
  const folder = data === undefined ? tracesBeside() : path.resolve(data);
  if (!existsSync(folder)) throw new RangeError(missing(folder));
  const own = holdsCounts(folder);
  const at = (name: string): string => path.join(folder, name);
  const sets = own
    ? [policySet(folder, path.dirname(folder))]
    : [DAYS, HOURS].filter((name) => holdsCounts(at(name))).map((name) => policySet(at(name), folder));
  const requests = !own && existsSync(at(REQUESTS)) ? requestFiles(at(REQUESTS), readdirSync(at(REQUESTS)).sort()) : [];
  if (sets.length + requests.length === 0) throw new RangeError(missing(folder));
  const of = (long: boolean): PolicySet | null => sets.find(({ minutes }) => minutes >= LONG_MINUTES === long) ?? null;
  return { folder, days: of(true), hours: of(false), requests: requests.map(readRequestTimes) };
}

function policySet(folder: string, around: string): PolicySet {
  const { kind, functions } = readTraceSet(folder);
  const minutes = functions[0]?.counts.length ?? 0;
  if (kind !== 'functions') throw new RangeError(`${folder} holds series of their own lengths: functions with counts of the same minutes are needed`); // prettier-ignore
  const random = seededRandom(DRAW_SEED);
  let profiles: ExecutionProfile[] | null = null;
  const drawn = functions.some(({ profile }) => profile === null);
  const sources = functions.map((item) => {
    if (item.profile) return sourceOf(item, item.profile);
    profiles ??= profilesBeside(folder, around);
    return sourceOf(item, profiles[Math.floor(random() * profiles.length)] as ExecutionProfile);
  });
  return { name: path.basename(folder), minutes, sources, drawn };
}

function sourceOf({ id, pattern, counts }: TracedFunction, profile: ExecutionProfile): SlotSource {
  return { id, pattern, counts, ...profile };
}

/** Of the functions of `azure8h` beside the folder, or of the one beside the checkout. */
function profilesBeside(folder: string, around: string): ExecutionProfile[] {
  const from = [around, tracesBeside()].map((place) => path.join(place, HOURS)).find(holdsCounts);
  const profiles = from ? readTraceSet(from).functions.flatMap(({ profile }) => (profile ? [profile] : [])) : [];
  if (profiles.length === 0) {
    throw new RangeError(
      `${folder} says nothing of execution times and memory: give its functions.csv the columns dur_p50_ms, dur_p99_ms and ` +
        `mem_avg_mb, or put a folder ${HOURS} with them beside it`,
    );
  }
  return profiles;
}

function missing(folder: string): string {
  return (
    `${folder} holds no traces: pass --data DIR, a folder with ${DAYS}/, ${HOURS}/ or ${REQUESTS}/, or one with counts.csv.gz (a line for ` +
    'each function: id, then its requests in each minute) and functions.csv'
  );
}
