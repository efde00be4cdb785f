import type { Probe } from '../harness/http-probe';
import type { MixedOutcome } from './mixed-outcome';
import type { MixedRequests } from './mixed-requests';

const AGAIN_MS = 100;
const PATIENCE_MS = 60_000;
/** Share of the acceptances after which the same is asked once more under the same key. */
const REPEATED = 0.3;
const LOOKS_AT_ONCE = 8;

/** What became of all that was asked for under idempotency keys. */
export interface LedgerVerdict {
  /** Keys for which a 202 came. */
  readonly accepted: number;
  /** Keys whose invocation the platform does not know. */
  readonly lost: readonly string[];
  /** Keys whose invocation has not ended well, or has another's answer. */
  readonly unanswered: readonly string[];
  /** Keys that have two invocations, or of which two runs came to their end with somebody there to tell. */
  readonly twice: readonly string[];
  /** Keys of which at least one such run has been seen: what is not seen cannot be counted twice. */
  readonly seen: number;
  /** Runs that ended early, for whoever made the try was gone. */
  readonly left: number;
}

/** Has work done that nobody waits for, as a careful client would: it asks until it is accepted, under one key. */
export class AsyncLedger {
  readonly #ids = new Map<string, Set<string>>();
  readonly #functions = new Set<string>();
  constructor(
    private readonly requests: MixedRequests,
    /** 0 (inclusive) to 1 (exclusive). */
    private readonly random: () => number,
    /** Keys that were asked before, by others: a key that is known already asks for nothing new. */
    private asked = 0,
  ) {}

  /** Every time it was asked, refusals included. @param ms how long the work is to take */
  async ask(name: string, ms: number): Promise<MixedOutcome[]> {
    const key = `key-${++this.asked}`;
    const outcomes: MixedOutcome[] = [];
    this.#functions.add(name);
    const once = async (): Promise<boolean> => {
      const outcome = await this.requests.accept(name, key, ms, (id) => {
        const ids = this.#ids.get(key) ?? new Set();
        this.#ids.set(key, ids.add(id));
      });
      outcomes.push(outcome);
      return outcome.failure === null;
    };
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await once()) && performance.now() < deadline) await sleep(AGAIN_MS);
    if (this.random() < REPEATED) await once();
    return outcomes;
  }

  /** Waits for the ends and reads the logs. @param patienceMs for the last of the ends */
  async judge(probe: Probe, patienceMs: number): Promise<LedgerVerdict> {
    const lost: string[] = [];
    const unanswered: string[] = [];
    const deadline = performance.now() + patienceMs;
    const keys = [...this.#ids];
    const look = async (): Promise<void> => {
      for (let item = keys.pop(); item; item = keys.pop()) {
        const [key, [id = '']] = [item[0], [...item[1]]];
        const end = await endOf(probe, id, deadline);
        if (end === 'unknown') lost.push(key);
        else if (end !== 'succeeded' || !(await answeredWith(probe, id, key))) unanswered.push(key);
      }
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, look));
    const runs = await this.#runs(probe);
    const done = (key: string): number => runs.done.get(key)?.size ?? 0;
    return {
      accepted: this.#ids.size,
      lost,
      unanswered,
      twice: [...this.#ids].filter(([key, ids]) => ids.size > 1 || done(key) > 1).map(([key]) => key),
      seen: [...this.#ids.keys()].filter((key) => done(key) > 0).length,
      left: runs.left,
    };
  }

  /** What the runs said of themselves: line ids by key, each line counted once. */
  async #runs(probe: Probe): Promise<{ done: Map<string, Set<string>>; left: number }> {
    const done = new Map<string, Set<string>>();
    let left = 0;
    for (const name of this.#functions) {
      for (let cursor: string | null = ''; cursor !== null;) {
        const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const { body } = await probe.send(`/v1/functions/${name}/logs?limit=1000${from}`);
        const page = JSON.parse(body) as { items: { id: string; text: string }[]; next: string | null };
        for (const { id, text } of page.items) {
          const [, word, key = ''] = /^(done|left) (key-\d+) /.exec(text) ?? [];
          if (word === 'done') done.set(key, (done.get(key) ?? new Set()).add(id));
          if (word === 'left') left++;
        }
        cursor = page.next;
      }
    }
    return { done, left };
  }
}

async function endOf(probe: Probe, id: string, deadline: number): Promise<string> {
  let state = 'never seen';
  do {
    const answer = await probe.send(`/v1/async/${id}`).catch(() => null);
    if (answer?.status === 404) return 'unknown';
    if (answer?.status === 200) {
      const found = JSON.parse(answer.body) as { state: string; endedAt: string | null };
      state = found.state;
      if (found.endedAt !== null) return state;
    }
    await sleep(AGAIN_MS);
  } while (performance.now() < deadline);
  return `still ${state}`;
}

async function answeredWith(probe: Probe, id: string, key: string): Promise<boolean> {
  const answer = await probe.send(`/v1/async/${id}/result`).catch(() => null);
  return answer?.status === 200 && (JSON.parse(answer.body) as { key?: string }).key === key;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
