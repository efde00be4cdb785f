import {
  DEFAULT_COURT_DELAYS,
  type CourtFunction,
  type CourtNode,
  type MeasuredStarts,
} from '../core/court/court-case';
import { PlatformError } from '../core/error/platform-error';
import { mainRevision } from '../core/function/alias-weights';
import { parseDuration, parseMemory } from '../core/function/quantity';
import { START_KINDS } from '../core/start/start';
import { rungsOf } from '../core/warming/prices';
import { StartTimes } from '../core/warming/start-times';
import type { RecordedCase, RecordedForecast } from '../drivers/court/court-runner';
import type { RevisionRecord } from '../drivers/store/store';
import type { EndedCall } from '../drivers/store/warming-store';
import type { ActivityDependencies } from './dependencies';

/** Calls before the window that policies learn from, where they are not too many. */
const LEARNED_MS = 24 * 3_600_000;
/** Calls that one replay takes; some 200 bytes each while they are read. */
const MOST_CALLS = 2_000_000;
const MINUTE_MS = 60_000;
const LONGEST_KEEP_ALIVE_MS = 86_400_000;
const GB = 1e9;
/** A function's own start times, so many at most, and those of all where it has fewer than some. */
const [MOST_SAMPLES, FEWEST_SAMPLES] = [200, 5];
/** Longer than from the node itself; no such start is told apart in the records. */
const FETCH_MS = 80;
/** Equal recordings give equal verdicts. */
const SEED = 1;

export interface RecordedWindow {
  readonly tenant: string | undefined;
  readonly functions: readonly string[] | undefined;
  readonly from: Date;
  readonly to: Date;
}

/** A function that was deployed in the window, by its revision that most of `live` points at. */
interface Deployed {
  readonly functionId: string;
  readonly name: string;
  readonly revision: RevisionRecord;
}

type Dependencies = Pick<ActivityDependencies, 'store' | 'platform'>;
type Prices = Dependencies['platform']['prices'];

/**
 * What was recorded of a window, as the court replays it: all nodes together as one, every function by its present revision.
 * @returns the recording, and `tenant/function` by index
 * @throws PlatformError invalid_argument for a window without functions, or with more calls than are replayed at once
 */
export async function recordedWindow(
  { store, platform }: Dependencies,
  nodes: readonly CourtNode[],
  window: RecordedWindow,
): Promise<{ recorded: RecordedCase; names: readonly string[] }> {
  const { from, to } = window;
  const deployed = await deployedFunctions(store, window);
  if (deployed.length === 0) throw new PlatformError('invalid_argument', 'There is no such function to replay');
  const functionIds = deployed.map(({ functionId }) => functionId);
  const learned = await learnedFrom(store, functionIds, from, to);
  const all = await store.callsBetween({ from: learned, to, perFunction: MOST_CALLS, functionIds });
  const calls = all.filter(({ at }) => at >= learned && at < to).sort((a, b) => a.at.getTime() - b.at.getTime());
  const byFunction = new Map<string, EndedCall[]>(functionIds.map((id) => [id, []]));
  for (const call of calls) byFunction.get(call.functionId)?.push(call);
  const waits = waitsOf(calls);
  const indices = new Map(functionIds.map((id, index) => [id, index]));
  const checkpoints = await store.checkpoints({ states: ['ready'] });
  const joins = await joinsSince(store, deployed, new Date(learned.getTime() - LONGEST_KEEP_ALIVE_MS));
  const functions = deployed.map((item): CourtFunction => {
    const own = byFunction.get(item.functionId) ?? [];
    const image = checkpoints.find(({ revisionId }) => revisionId === item.revision.id);
    const checkpoint = image && {
      from: image.createdAt.getTime(),
      rawBytes: image.rawBytes,
      sealedBytes: image.sealedBytes,
    };
    const starts = startsOf(item.revision, waitsOf(own), waits);
    const made = courtFunction(item, own, starts, checkpoint ?? null, platform.prices);
    return { ...made, joins: joins.get(item.name) ?? [] };
  });
  const near = await store.nearForecasts({ from: learned, to, functionIds });
  const forecasts = near.map(({ functionId, at, mean, quantiles }): RecordedForecast => {
    const minute = Math.floor(at.getTime() / MINUTE_MS);
    return { index: indices.get(functionId) ?? 0, minute, mean, quantiles };
  });
  return {
    names: deployed.map(({ name }) => name),
    recorded: {
      functions,
      nodes: [oneNode(nodes)],
      calls: {
        functions: Uint32Array.from(calls, ({ functionId }) => indices.get(functionId) ?? 0),
        at: Float64Array.from(calls, ({ at }) => at.getTime()),
        executeMs: Float64Array.from(calls, ({ executeMs }) => Math.max(0, executeMs)),
        cpuMs: null,
        measured: {
          kinds: Uint8Array.from(calls, ({ kind }) => START_KINDS.indexOf(kind)),
          waitMs: Float64Array.from(calls, ({ waitMs }) => Math.max(0, waitMs)),
        },
      },
      window: { from: from.getTime(), to: to.getTime() },
      prices: platform.prices,
      delays: { ...DEFAULT_COURT_DELAYS, linger: platform.lingerMs },
      forecasts,
      seed: SEED,
    },
  };
}

async function deployedFunctions(store: Dependencies['store'], window: RecordedWindow): Promise<Deployed[]> {
  const { functions } = await store.routes();
  const chosen = functions.filter(
    ({ tenant, name }) =>
      (window.tenant === undefined || tenant === window.tenant) && (window.functions?.includes(name) ?? true),
  );
  return chosen.flatMap(({ functionId, tenant, name, aliases, revisions }) => {
    const revision = mainRevision(aliases, revisions);
    return revision ? [{ functionId, name: `${tenant}/${name}`, revision }] : [];
  });
}

/** When deploys of the present revisions ended: the instance that was tried then stays to serve. By `tenant/function`. */
async function joinsSince(
  store: Dependencies['store'],
  deployed: readonly Deployed[],
  since: Date,
): Promise<Map<string, number[]>> {
  const revisions = new Map(deployed.map(({ name, revision }) => [name, revision.number]));
  const joins = new Map<string, number[]>();
  for (const tenant of new Set(deployed.map(({ revision }) => revision.tenant))) {
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof store.deployments>> = await store.deployments({
        ...{ tenant, state: 'succeeded', limit: 1_000, cursor },
      });
      const recent = page.items.filter(({ endedAt }) => endedAt !== null && endedAt >= since);
      for (const { function: name, revision, endedAt } of recent) {
        const key = `${tenant}/${name}`;
        if (revisions.get(key) === revision && endedAt) joins.set(key, [...(joins.get(key) ?? []), endedAt.getTime()]);
      }
      cursor = recent.length === page.items.length ? page.next : null;
    } while (cursor !== null);
  }
  return joins;
}

/** As long before the window as there are not too many calls. */
async function learnedFrom(
  store: Dependencies['store'],
  functionIds: readonly string[],
  from: Date,
  to: Date,
): Promise<Date> {
  const known = new Set(functionIds);
  const earliest = new Date(from.getTime() - LEARNED_MS);
  const counts = (await store.minuteCounts({ from: earliest, to })).filter(({ functionId }) => known.has(functionId));
  const within = counts.filter(({ minute }) => minute >= from).reduce((sum, { total }) => sum + total, 0);
  if (within > MOST_CALLS) {
    throw new PlatformError('invalid_argument', `The window has ${within} calls; ${MOST_CALLS} are replayed at once`, {
      hint: 'Choose a shorter window, or some functions.',
    });
  }
  let left = MOST_CALLS - within;
  let begin = from;
  const before = counts.filter(({ minute }) => minute < from).sort((a, b) => b.minute.getTime() - a.minute.getTime());
  for (const { minute, total } of before) {
    left -= total;
    if (left < 0) return begin;
    begin = minute;
  }
  return earliest;
}

function courtFunction(
  { functionId, revision }: Deployed,
  calls: readonly EndedCall[],
  starts: MeasuredStarts,
  checkpoint: CourtFunction['checkpoint'],
  prices: Prices,
): CourtFunction {
  const { resources, scale, concurrency, sla } = revision.manifest.spec;
  const memoryBytes = parseMemory(resources.memory);
  const memoryGb = memoryBytes / GB;
  const executed = calls.reduce((sum, { executeMs }) => sum + Math.max(0, executeMs), 0);
  const believed = StartTimes.of(revision);
  const meanMs = calls.length === 0 ? 0 : executed / calls.length;
  return {
    warm: {
      id: functionId,
      memoryGb,
      rungs: rungsOf({ memoryGb, hasCheckpoint: checkpoint !== null }, prices, believed),
      executeSeconds: calls.length === 0 ? 0.1 : executed / calls.length / 1000,
      concurrency,
      min: Math.min(scale.min, scale.max),
      max: scale.max,
    },
    believed: { ...believed },
    memoryBytes,
    keepAliveMs: parseDuration(scale.keepAlive),
    node: 0,
    checkpoint,
    joins: [],
    starts,
    seen: true,
    patienceMs: sla ? Math.max(0, sla.latencyMs - meanMs) : null,
  };
}

/** Milliseconds that callers waited, by the kind of start; the last of each, and how many there were. */
type Waits = Readonly<
  Record<'warm' | 'restore' | 'cold', { readonly last: readonly number[]; readonly count: number }>
>;

function waitsOf(calls: readonly EndedCall[]): Waits {
  const of = (kind: keyof Waits): Waits[keyof Waits] => {
    const waits = calls.filter((call) => call.kind === kind).map(({ waitMs }) => Math.max(0, waitMs));
    return { last: waits.slice(-MOST_SAMPLES), count: waits.length };
  };
  return { warm: of('warm'), restore: of('restore'), cold: of('cold') };
}

/** What its starts took; of all functions where it had few; as expected where none had any. */
function startsOf(revision: RevisionRecord, own: Waits, all: Waits): MeasuredStarts {
  const expected = StartTimes.of(revision);
  const samples = (kind: keyof Waits): readonly number[] => {
    const { last } = own[kind].count >= FEWEST_SAMPLES || kind === 'cold' ? own[kind] : all[kind];
    return last.length > 0 ? last : [1000 * expected[kind]];
  };
  const local = samples('restore');
  return { warm: samples('warm'), local, remote: local.map((ms) => ms + FETCH_MS), cold: samples('cold') };
}

function oneNode(nodes: readonly CourtNode[]): CourtNode {
  const sum = (of: (node: CourtNode) => number): number => nodes.reduce((total, node) => total + of(node), 0);
  return {
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    imageBytes: sum(({ imageBytes }) => imageBytes),
    cores: sum(({ cores }) => cores),
    parallelRestores: sum(({ parallelRestores }) => parallelRestores),
    parallelColdStarts: sum(({ parallelColdStarts }) => parallelColdStarts),
    canFreeze: nodes.every(({ canFreeze }) => canFreeze),
  };
}
