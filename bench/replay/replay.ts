import type { Components } from '../harness/components';
import { openProbe, type Probe } from '../harness/http-probe';
import { deployVariant } from '../harness/deploy-variant';
import { seededRandom } from '../../core/random/seeded-random';
import { courtAgreement, nextMinute, type CourtAgreement } from './court-agreement';
import { watchHeldMemory } from './held-memory';
import { killInTurn, type ReplayKill } from './kill-plan';
import type { Outcome } from './outcome';
import { arrivalsOf, loadTrace, pickFunctions, type TraceFunction } from './trace';

export interface ReplayOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly trace: string;
  readonly functions: number;
  /** Minutes of the trace. */
  readonly minutes: number;
  /** First minute of the trace that is played. */
  readonly from: number;
  /** How many times faster than it happened; execution times shrink alike. */
  readonly speed: number;
  readonly seed: number;
  /** True: whole minutes of the clock are lived through, and replayed by the platform's court afterwards. */
  readonly court: boolean;
  /** What to kill meanwhile, and how often. */
  readonly kill: {
    readonly components: Components;
    readonly names: readonly string[];
    readonly everyMs: number;
  } | null;
}

export interface ReplayResult {
  readonly outcomes: readonly Outcome[];
  /** Gigabyte-seconds by instance state. */
  readonly heldGbSeconds: ReadonlyMap<string, number>;
  readonly seconds: number;
  /** In order; empty where nothing was to be killed. */
  readonly kills: readonly ReplayKill[];
  /** Null where the court was not asked. */
  readonly agreement: CourtAgreement | null;
}

const MEMORY_LIMIT_BYTES = 128 * 2 ** 20;
const RUNTIMES = ['node', 'python'] as const;

/** Deploys a function for each of the trace, then sends its requests when they are due, whether or not earlier ones have been answered. */
export async function replay(
  options: ReplayOptions,
  log: (text: string) => void,
  progress: (done: number, total: number) => void,
): Promise<ReplayResult> {
  const functions = pickFunctions(loadTrace(options.trace), options.functions, options.from, options.minutes);
  if (functions.length < options.functions)
    throw new Error(
      `Only ${functions.length} functions of ${options.trace} are active in those ${options.minutes} minutes`,
    );
  const names = functions.map((item) => `replay-${item.id}`);
  log(`deploying ${names.length} functions`);
  for (const [index, name] of names.entries()) {
    await deployVariant(options, `bench/replay/functions/${RUNTIMES[index % RUNTIMES.length] ?? 'node'}`, name, {});
  }
  const arrivals = arrivalsOf(functions, options.from, options.minutes, options.speed, seededRandom(options.seed));
  log(`sending ${arrivals.length} requests in ${((options.minutes * 60) / options.speed).toFixed(0)} s`);
  const probe = openProbe(options.url, options.apiKey);
  const from = options.court ? await nextMinute() : 0;
  const held = watchHeldMemory(probe, new Set(names), MEMORY_LIMIT_BYTES);
  const begun = performance.now();
  const killing = options.kill && killInTurn(options.kill.components, options.kill.names, options.kill.everyMs);
  const pending: Promise<Outcome>[] = [];
  let done = 0;
  for (const arrival of arrivals) {
    const wait = arrival.at - (performance.now() - begun);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const item = functions[arrival.index];
    const name = names[arrival.index];
    if (!item || !name) continue;
    pending.push(sendOne(probe, name, item, options.speed, begun).finally(() => progress(++done, arrivals.length)));
  }
  const kills = (await killing?.stop()) ?? [];
  const outcomes = await Promise.all(pending);
  const seconds = (performance.now() - begun) / 1000;
  const to = options.court ? await nextMinute() : 0;
  held.stop();
  const life = { outcomes, heldGbSeconds: new Map(held.byState) };
  const agreement = options.court ? await courtAgreement(probe, { from, to, functions: names }, life) : null;
  probe.close();
  return { ...life, seconds, kills, agreement };
}

async function sendOne(
  probe: Probe,
  name: string,
  item: TraceFunction,
  speed: number,
  since: number,
): Promise<Outcome> {
  const executeMs = item.executeMs / speed;
  const begun = performance.now();
  try {
    const answer = await probe.send(`/fn/default/${name}/?ms=${executeMs.toFixed(1)}`);
    const header = (key: string): string | null =>
      typeof answer.headers[key] === 'string' ? answer.headers[key] : null;
    const error = answer.status < 400 ? null : `${answer.status} ${codeIn(answer.body)}`;
    return {
      function: name,
      at: performance.now() - since,
      status: answer.status,
      kind: header('x-presage-start'),
      cause: header('x-presage-cause'),
      firstByteMs: answer.firstByteMs,
      executeMs,
      error,
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return {
      function: name,
      at: performance.now() - since,
      status: 0,
      kind: null,
      cause: null,
      firstByteMs: performance.now() - begun,
      executeMs,
      error: code,
    };
  }
}

function codeIn(body: string): string {
  return /"code":\s*"(\w+)"/.exec(body)?.[1] ?? 'without a code';
}
