import type { StartKind } from '../../core/start/start';
import { jsonOf, type Answer, type Probe } from '../harness/http-probe';

/** One start as the platform recorded it, milliseconds. */
export interface StartSample {
  readonly kind: string;
  /** Its arrival, Unix milliseconds. */
  readonly at: number;
  /** From the request's arrival at the gateway to its first response byte. */
  readonly firstByteMs: number;
  /** The same seen by the client on the same machine. */
  readonly clientMs: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly status: number;
}

interface RecordedInvocation {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly status: number;
  readonly firstByteMs: number | null;
  readonly queueMs: number;
  readonly startMs: number;
  readonly executeMs: number;
  readonly phases: Readonly<Record<string, number>>;
}

/** Records are written in batches; a sample's record is there within this many tries. */
const RECORD_TRIES = 100;
const RECORD_PAUSE_MS = 100;

/** Sends `count` requests one after the other, `pauseMs` between them, and joins each with its record. */
export async function sampleStarts(
  probe: Probe,
  target: string,
  count: number,
  pauseMs: number,
  progress: (done: number) => void,
): Promise<StartSample[]> {
  const answers: Answer[] = [];
  for (let done = 0; done < count; done++) {
    answers.push(await probe.send(`/fn/default/${target}/`));
    progress(done + 1);
    if (pauseMs > 0) await pause(pauseMs);
  }
  return joinRecords(probe, target, answers);
}

/** Sends `width` requests at once, `rounds` times. */
export async function sampleParallel(
  probe: Probe,
  target: string,
  width: number,
  rounds: number,
  pauseMs: number,
): Promise<StartSample[]> {
  const answers: Answer[] = [];
  for (let round = 0; round < rounds; round++) {
    answers.push(...(await Promise.all(Array.from({ length: width }, () => probe.send(`/fn/default/${target}/`)))));
    await pause(pauseMs);
  }
  return joinRecords(probe, target, answers);
}

/** Each answer with its record, once they are all written. */
export async function joinRecords(probe: Probe, target: string, answers: readonly Answer[]): Promise<StartSample[]> {
  const wanted = new Set(answers.map((answer) => String(answer.headers['x-request-id'])));
  const found = new Map<string, RecordedInvocation>();
  for (let attempt = 0; found.size < wanted.size && attempt < RECORD_TRIES; attempt++) {
    if (attempt > 0) await pause(RECORD_PAUSE_MS);
    await readRecords(probe, target, wanted, found);
  }
  return answers.map((answer) => {
    const record = found.get(String(answer.headers['x-request-id']));
    if (!record) throw new Error(`No record of invocation ${String(answer.headers['x-request-id'])} of ${target}`);
    return {
      kind: record.kind,
      at: Date.parse(record.at),
      firstByteMs: record.firstByteMs ?? Number.NaN,
      clientMs: answer.firstByteMs,
      phases: record.phases,
      status: answer.status,
    };
  });
}

async function readRecords(
  probe: Probe,
  target: string,
  wanted: ReadonlySet<string>,
  found: Map<string, RecordedInvocation>,
): Promise<void> {
  let cursor: string | null = null;
  do {
    const query: string = `/v1/invocations?function=${target}&limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const page = jsonOf<{ items: RecordedInvocation[]; next: string | null }>(await probe.send(query));
    for (const record of page.items) if (wanted.has(record.id)) found.set(record.id, record);
    cursor = page.next;
  } while (cursor !== null && found.size < wanted.size);
}

/** Samples of the kind that was meant; what fell to another rung is not counted among them. */
export function ofKind(samples: readonly StartSample[], kind: StartKind): StartSample[] {
  return samples.filter((sample) => sample.kind === kind && sample.status === 200);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
