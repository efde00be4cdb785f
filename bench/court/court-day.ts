import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { callsOfCounts } from '../../core/court/calls-of-counts';
import { DEFAULT_COURT_DELAYS, type CourtFunction } from '../../core/court/court-case';
import { rungsWithImages } from '../../core/warming/image-rungs';
import { DEFAULT_PRICES } from '../../core/warming/prices';
import type { RecordedCase } from '../../drivers/court/court-runner';
import { seededRandom } from '../../core/random/seeded-random';
import { csvCells } from '../traces/csv-cells';
import { readTraceSet, type TracedFunction } from '../traces/trace-set';

const DAY = 1_440;
const FIRST_DAY = 3;
const [MIB, GIB] = [2 ** 20, 2 ** 30];
const GB = 1e9;
const NODES = 4;
/** Standard deviations between the median and the 99th percentile. */
const NORMAL_99 = 2.326;
const LARGEST_SIGMA = 1.5;
const MEMORY_MIB = [64, 4_096] as const;
/** A function's own initialisation, on top of what the platform takes for a cold start, as facts/forecasting.md has it. */
const INIT_MEDIAN_MS = 1_200;
const INIT_SIGMA = 0.6;
/** Medians of `npm run bench -- starts`; a fetched image was not measured there, it is taken to come at 200 MB a second. */
const STARTS_MS = { warm: 1.98, restore: 19.7, cold: 84.8 };
const FETCH_BYTES_PER_MS = 200_000;
/** Of the functions, so many have a checkpoint. */
const CHECKPOINTED = 0.8;
const RAW_SHARE = 0.4;
const SEALED_SHARE = 0.12;

export interface CourtDayOptions {
  /** A folder with `azure12d` and `azure8h`. */
  readonly folder: string;
  readonly functions: number;
  /** About so many calls. */
  readonly calls: number;
  readonly nodeGib: number;
  readonly seed: number;
}

/**
 * One day of as many functions as are wanted: days 4 and on of azure12d in turn, scaled to the wanted number of calls, with
 * times and memory of functions of azure8h, on four nodes.
 * @throws RangeError that says what is missing or wrong
 */
export function courtDay({ folder, functions, calls, nodeGib, seed }: CourtDayOptions): RecordedCase {
  const traced = readTraceSet(path.join(folder, 'azure12d')).functions;
  const profiles = readProfiles(path.join(folder, 'azure8h', 'functions.csv'));
  const random = seededRandom(seed);
  const days = Array.from({ length: functions }, (_, index) => dayOf(traced, index));
  const total = days.reduce((sum, { counts }) => sum + counts.reduce((all, count) => all + count, 0), 0);
  const chosen = days.map(({ counts }) => ({
    profile: profiles[Math.floor(random() * profiles.length)] as Profile,
    counts: counts.map((count) => (count === 0 ? 0 : Math.floor((count * calls) / total + random()))),
  }));
  const counted = chosen.map(({ counts, profile: { p50Ms, p99Ms } }) => ({
    counts,
    executeMs: p50Ms,
    executeSigma: Math.min(LARGEST_SIGMA, Math.log(Math.max(p99Ms, p50Ms) / p50Ms) / NORMAL_99),
  }));
  return {
    functions: chosen.map(({ profile }, index) =>
      courtFunction(`f${index}`, profile, counted[index]?.executeSigma ?? 0, index % NODES, random),
    ),
    nodes: Array.from({ length: NODES }, () => ({
      memoryBytes: nodeGib * GIB,
      imageBytes: (nodeGib * GIB) / 2,
      cores: 8,
      parallelRestores: 8,
      parallelColdStarts: 4,
      canFreeze: true,
    })),
    calls: callsOfCounts(counted, seed),
    window: { from: 0, to: DAY * 60_000 },
    prices: DEFAULT_PRICES,
    delays: DEFAULT_COURT_DELAYS,
    forecasts: [],
    seed,
  };
}

interface Profile {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly memoryBytes: number;
}

function dayOf(traced: readonly TracedFunction[], index: number): { counts: Float64Array } {
  const { counts } = traced[index % traced.length] as TracedFunction;
  const days = Math.floor(counts.length / DAY);
  const day = (FIRST_DAY + Math.floor(index / traced.length)) % days;
  return { counts: counts.slice(day * DAY, (day + 1) * DAY) };
}

function courtFunction(id: string, profile: Profile, sigma: number, node: number, random: () => number): CourtFunction {
  const { memoryBytes, p50Ms } = profile;
  const init =
    INIT_MEDIAN_MS * Math.exp(INIT_SIGMA * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  const rawBytes = Math.round(RAW_SHARE * memoryBytes);
  const sealedBytes = Math.round(SEALED_SHARE * memoryBytes);
  const checkpoint = random() < CHECKPOINTED ? { from: 0, rawBytes, sealedBytes } : null;
  const starts = {
    warm: [STARTS_MS.warm],
    local: [STARTS_MS.restore],
    remote: [STARTS_MS.restore + sealedBytes / FETCH_BYTES_PER_MS],
    cold: [STARTS_MS.cold + init],
  };
  const [warm, local, remote, cold] = [starts.warm, starts.local, starts.remote, starts.cold].map(
    ([ms = 0]) => ms / 1000,
  ) as [number, number, number, number];
  const memoryGb = memoryBytes / GB;
  return {
    warm: {
      id,
      memoryGb,
      executeSeconds: (p50Ms / 1000) * Math.exp(sigma ** 2 / 2),
      concurrency: 1,
      min: 0,
      max: 100,
      ...rungsWithImages(
        {
          memoryGb,
          canFreeze: true,
          checkpoint: checkpoint && { rawGb: rawBytes / GB, sealedGb: sealedBytes / GB },
        },
        DEFAULT_PRICES,
        { warm, local, remote, cold },
      ),
    },
    believed: null,
    memoryBytes,
    keepAliveMs: 600_000,
    node,
    checkpoint,
    starts,
    joins: [],
    seen: false,
  };
}

function readProfiles(file: string): Profile[] {
  if (!existsSync(file)) throw new RangeError(`${file} is missing`);
  const [head = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = csvCells(head);
  const missing = ['dur_p50_ms', 'dur_p99_ms', 'mem_p50_mb'].filter((name) => !names.includes(name));
  if (missing.length > 0) throw new RangeError(`${file} has no column ${missing.join(', ')}`);
  const profiles = lines.map((line) => {
    const cells = csvCells(line);
    const number = (name: string): number => Number(cells[names.indexOf(name)] || Number.NaN);
    const mib = Math.min(MEMORY_MIB[1], Math.max(MEMORY_MIB[0], number('mem_p50_mb')));
    return {
      p50Ms: Math.max(1, number('dur_p50_ms')),
      p99Ms: number('dur_p99_ms'),
      memoryBytes: Math.ceil(mib * MIB),
    };
  });
  return profiles.filter((profile) => Object.values(profile).every((value) => Number.isFinite(value)));
}
