import { jsonOf, type Answer, type Probe } from '../harness/http-probe';
import { quantile } from '../harness/statistics';
import { pause } from '../starts/start-samples';

/** One burst as its callers and the platform's records saw it. */
export interface Burst {
  /** Milliseconds from sending to the last byte, of each answered request. */
  readonly totals: readonly number[];
  /** Answers that were no 200, and requests without one. */
  readonly errors: number;
  /** Instances that served at least one of them. */
  readonly instances: number;
  /** Instances of the function that were started meanwhile. */
  readonly started: number;
  readonly executeP50: number;
  /** Requests by start kind. */
  readonly kinds: ReadonlyMap<string, number>;
}

interface Recorded {
  readonly id: string;
  readonly instance: string | null;
  readonly kind: string | null;
  readonly executeMs: number;
  readonly firstByteMs: number | null;
}

interface Event {
  readonly function: string | null;
  readonly at: string;
}

const RECORD_TRIES = 100;
const RECORD_PAUSE_MS = 100;
/** After a burst everything of it is given back, ended and told. */
const SETTLE_MS = 2_500;

/** Sends `width` requests at once and looks up what became of them. */
export async function sendBurst(probe: Probe, target: string, width: number): Promise<Burst> {
  const begun = new Date();
  const settled = await Promise.allSettled(Array.from({ length: width }, () => probe.send(`/fn/default/${target}/`)));
  const answers = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const good = answers.filter((answer) => answer.status === 200);
  const records = await recordsOf(probe, target, good);
  await pause(SETTLE_MS);
  const kinds = new Map<string, number>();
  for (const { kind } of records) kinds.set(kind ?? 'none', (kinds.get(kind ?? 'none') ?? 0) + 1);
  return {
    totals: answers.map((answer) => answer.totalMs),
    errors: width - good.length,
    instances: new Set(records.map((record) => record.instance)).size,
    started: await startedSince(probe, target, begun),
    executeP50: quantile(
      records.map((record) => record.executeMs),
      0.5,
    ),
    kinds,
  };
}

/** What single starts from the checkpoint took on a machine that did nothing else, milliseconds as recorded. */
export interface SingleStarts {
  /** To the first byte. */
  readonly firstByte: readonly number[];
  readonly execute: readonly number[];
}

/** Sends `count` requests one by one, each to a function without an instance. */
export async function singleRestores(probe: Probe, target: string, count: number): Promise<SingleStarts> {
  const answers: Answer[] = [];
  for (let done = 0; done < count; done++) {
    await pause(400);
    answers.push(await probe.send(`/fn/default/${target}/`));
  }
  const records = await recordsOf(probe, target, answers);
  const restores = records.filter(({ kind }) => kind === 'restore');
  if (restores.length === 0) throw new Error(`no start of ${target} was a restore`);
  return {
    firstByte: restores.map(({ firstByteMs }) => firstByteMs ?? Number.NaN),
    execute: restores.map(({ executeMs }) => executeMs),
  };
}

/** @throws Error when a record does not appear: each answered request has one */
async function recordsOf(probe: Probe, target: string, answers: readonly Answer[]): Promise<Recorded[]> {
  const wanted = new Set(answers.map((answer) => String(answer.headers['x-request-id'])));
  const found = new Map<string, Recorded>();
  for (let tries = 0; found.size < wanted.size; tries++) {
    if (tries === RECORD_TRIES) throw new Error(`${wanted.size - found.size} invocations of ${target} have no record`);
    await pause(RECORD_PAUSE_MS);
    const path = `/v1/invocations?function=${target}&limit=500`;
    for (const record of jsonOf<{ items: Recorded[] }>(await probe.send(path)).items) {
      if (wanted.has(record.id)) found.set(record.id, record);
    }
  }
  return [...found.values()];
}

async function startedSince(probe: Probe, target: string, since: Date): Promise<number> {
  let count = 0;
  for (let cursor: string | null = null; ;) {
    const query: string = `/v1/events?types=instance.started&limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const { items, next } = jsonOf<{ items: Event[]; next: string | null }>(await probe.send(query));
    const fresh = items.filter((event) => new Date(event.at) >= since);
    count += fresh.filter((event) => event.function === target).length;
    if (next === null || fresh.length < items.length) return count;
    cursor = next;
  }
}
