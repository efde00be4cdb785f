import type { InvocationResource } from '../api-resources';
import type { StartKind } from '../../core/start/start';

export type Call = Pick<InvocationResource, 'id' | 'at' | 'function' | 'status' | 'errorCode' | 'kind' | 'totalMs'>;

/** What was called lately, of one function. */
export interface CallFigures {
  /** A second. */
  readonly rate: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly kinds: Readonly<Record<StartKind, number>>;
}

/** The calls of the last while, each counted once however often it is given. */
export class LiveCalls {
  readonly #calls = new Map<string, Call>();
  /** What is older than this was not looked at: Unix milliseconds. */
  #since: number;

  /** @param windowMs how far back @param now Unix milliseconds */
  constructor(
    private readonly windowMs: number,
    now: number,
  ) {
    this.#since = now - windowMs;
  }

  has(id: string): boolean {
    return this.#calls.has(id);
  }

  /** @param complete are these all since the window's begin? Else the window begins with the oldest of them. */
  add(calls: readonly Call[], complete: boolean, now: number): void {
    for (const call of calls) this.#calls.set(call.id, call);
    const oldest = Math.min(...calls.map(({ at }) => Date.parse(at)));
    if (!complete && calls.length > 0) this.#since = Math.max(this.#since, oldest);
    this.#since = Math.max(this.#since, now - this.windowMs);
    for (const [id, { at }] of this.#calls) if (Date.parse(at) < this.#since) this.#calls.delete(id);
  }

  /** By the function's name. */
  figures(now: number): ReadonlyMap<string, CallFigures> {
    const byFunction = new Map<string, Call[]>();
    for (const call of this.#calls.values()) {
      const list = byFunction.get(call.function);
      if (list) list.push(call);
      else byFunction.set(call.function, [call]);
    }
    const seconds = Math.max(1, (now - this.#since) / 1000);
    return new Map([...byFunction].map(([name, calls]) => [name, figuresOf(calls, seconds)]));
  }
}

function figuresOf(calls: readonly Call[], seconds: number): CallFigures {
  const kinds = { hot: 0, warm: 0, restore: 0, cold: 0 };
  for (const { kind } of calls) if (kind !== null) kinds[kind] += 1;
  const times = calls.map(({ totalMs }) => totalMs).sort((a, b) => a - b);
  const quantile = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
  const errors = calls.filter(({ status, errorCode }) => status >= 500 || errorCode !== null).length;
  return { rate: calls.length / seconds, errors, p50Ms: quantile(0.5), p95Ms: quantile(0.95), kinds };
}
