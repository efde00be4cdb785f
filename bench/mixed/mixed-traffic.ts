import { seededRandom } from '../../core/random/seeded-random';
import { arrivalsOf, loadTrace, pickFunctions, type Arrival } from '../replay/trace';
import { AsyncLedger } from './async-ledger';
import type { MixedKind, MixedOutcome } from './mixed-outcome';
import { MixedRequests } from './mixed-requests';

export interface MixedTrafficOptions {
  readonly platform: { readonly url: string; readonly apiKey: string };
  /** A trace by name or path, as for a replay. */
  readonly trace: string;
  /** Names of deployed functions; each plays several of the trace. */
  readonly functions: readonly string[];
  readonly seconds: number;
  /** Requests per second over the whole: of the trace's arrivals only so many are played, evenly chosen. */
  readonly perSecond: number;
  readonly seed: number;
}

export interface MixedTraffic {
  /** Milliseconds on the clock of the outcomes. */
  readonly now: () => number;
  readonly ledger: AsyncLedger;
  readonly requests: MixedRequests;
  /** Those that have ended so far. */
  readonly outcomes: readonly MixedOutcome[];
  /** Resolves when all have been sent and have ended. */
  readonly ended: Promise<void>;
}

const SHARES: readonly (readonly [MixedKind, number])[] = [
  ['plain', 0.5],
  ['accept', 0.7],
  ['stream', 0.82],
  ['upload', 0.92],
  ['socket', 1],
];
const FROM_MINUTE = 600;
/** A busy part of the day is played as fast as is needed, so that bursts stay bursts. */
const MINUTES = 120;
const TRACE_FUNCTIONS = 60;
const LONGEST_PLAIN_MS = 500;
const STREAM_MS = 3_000;
const SOCKET_MS = 2_000;
const LONGEST_WORK_MS = 400;

/** Plays arrivals of a trace, each as one of the kinds of requests that there are. */
export function playMixedTraffic(options: MixedTrafficOptions): MixedTraffic {
  const began = performance.now();
  const now = (): number => performance.now() - began;
  const random = seededRandom(options.seed);
  const requests = new MixedRequests(options.platform, now);
  const ledger = new AsyncLedger(requests, random);
  const outcomes: MixedOutcome[] = [];
  const { arrivals, executeMs } = chosenArrivals(options, random);
  const send = async ({ index }: Arrival): Promise<void> => {
    const name = options.functions[index % options.functions.length] ?? '';
    const ms = executeMs[index] ?? 50;
    const share = random();
    const [kind] = SHARES.find(([, below]) => share < below) ?? ['plain'];
    if (kind === 'accept') outcomes.push(...(await ledger.ask(name, Math.min(ms, LONGEST_WORK_MS))));
    else if (kind === 'stream') outcomes.push(await requests.stream(name, STREAM_MS));
    else if (kind === 'upload') outcomes.push(await requests.upload(name));
    else if (kind === 'socket') outcomes.push(await requests.socket(name, SOCKET_MS));
    else outcomes.push(await requests.plain(name, Math.min(ms, LONGEST_PLAIN_MS)));
  };
  const play = async (): Promise<void> => {
    const pending: Promise<void>[] = [];
    for (const arrival of arrivals) {
      const wait = arrival.at - now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      pending.push(send(arrival));
    }
    await Promise.all(pending);
  };
  return { now, ledger, requests, outcomes, ended: play() };
}

function chosenArrivals(
  options: MixedTrafficOptions,
  random: () => number,
): { arrivals: readonly Arrival[]; executeMs: readonly number[] } {
  const picked = pickFunctions(loadTrace(options.trace), TRACE_FUNCTIONS, FROM_MINUTE, MINUTES);
  const speed = (MINUTES * 60) / options.seconds;
  const all = arrivalsOf(picked, FROM_MINUTE, MINUTES, speed, random);
  const share = (options.perSecond * options.seconds) / all.length;
  return {
    arrivals: all.filter(() => random() < share),
    executeMs: picked.map((item) => item.executeMs),
  };
}
