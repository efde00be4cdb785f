import { seededRandom } from '../../core/random/seeded-random';
import { AsyncLedger } from '../mixed/async-ledger';
import type { MixedOutcome } from '../mixed/mixed-outcome';
import { MixedRequests } from '../mixed/mixed-requests';

const TICK_MS = 5;
/** How long a plain request takes the function. */
const PLAIN_MS = 5;
/** Beside the plain ones, a second: streams of events, and work that nobody waits for. */
const [STREAMS, WORKS] = [1, 4];
const STREAM_MS = 3_000;
const WORK_MS = 100;

/** Requests at a fixed rate, whatever becomes of those before: plain ones, with streams and async invocations among them. */
export class SteadyLoad {
  readonly outcomes: MixedOutcome[] = [];
  readonly ledger: AsyncLedger;
  readonly #requests: MixedRequests;
  readonly #began = performance.now();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    platform: { readonly url: string; readonly apiKey: string },
    private readonly name: string,
    rate: number,
  ) {
    this.#requests = new MixedRequests(platform, this.now);
    this.ledger = new AsyncLedger(this.#requests, seededRandom(1), Date.now());
    const sent = { plain: 0, stream: 0, work: 0 };
    this.#timer = setInterval(() => {
      const seconds = this.now() / 1000;
      for (; sent.plain < seconds * rate; sent.plain++) this.#send(this.#requests.plain(name, PLAIN_MS));
      for (; sent.stream < seconds * STREAMS; sent.stream++) this.#send(this.#requests.stream(name, STREAM_MS));
      for (; sent.work < seconds * WORKS; sent.work++) this.#work();
    }, TICK_MS);
  }

  /** Milliseconds on the clock of the outcomes. */
  readonly now = (): number => performance.now() - this.#began;

  get failures(): readonly MixedOutcome[] {
    return this.outcomes.filter(({ failure }) => failure !== null);
  }

  /** Sends no more; resolves when all have ended. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#requests.close();
  }

  #send(request: Promise<MixedOutcome>): void {
    this.#keep(request.then((outcome) => void this.outcomes.push(outcome)));
  }

  #work(): void {
    this.#keep(this.ledger.ask(this.name, WORK_MS).then((outcomes) => void this.outcomes.push(...outcomes)));
  }

  #keep(work: Promise<void>): void {
    const kept = work.finally(() => this.#pending.delete(kept));
    this.#pending.add(kept);
  }
}
