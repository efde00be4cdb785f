import type { RateRule } from './limits';

/** What is left of a window after a request was counted in it. */
export interface RateState {
  readonly allowed: boolean;
  /** Requests that the window still takes. */
  readonly remaining: number;
  /** Until the window ends, in milliseconds. */
  readonly resetMs: number;
}

/** What is to be counted elsewhere: `points` of which `owed` were let through while nobody could be asked. */
export interface RateAsk {
  readonly points: number;
  readonly owed: number;
}

/** The part of a window that is taken at once; what a gateway takes and does not use is lost to the others until the window ends. */
const BLOCK = 0.02;

/**
 * One key's window as one of several gateways sees it. Requests are counted elsewhere for all of them, some at a time: a
 * fiftieth of the window, and one each below a hundred. Once the window is used up nobody is asked until it ends. While
 * nobody can be asked this gateway counts alone, from what was known of the window on, and owes what it let through.
 *
 * All gateways together never let more through than the rule says; less by at most one block less one for each of them that has
 * callers no longer. All times are milliseconds of one clock of the caller's.
 */
export class RateWindow {
  #rule: RateRule = { requests: 0, windowSeconds: 0 };
  #endsAt = 0;
  /** Counted in the window by all, as far as known. */
  #consumed = 0;
  /** Taken and not yet used. */
  #inHand = 0;
  #owed = 0;
  /** The window in which it was let through ends then. */
  #owedUntil = 0;

  /** When it may be forgotten. */
  get endsAt(): number {
    return Math.max(this.#endsAt, this.#owedUntil);
  }

  /** The rule by which it owes something of a window that goes on; null: it owes nothing. */
  owing(now: number): RateRule | null {
    return this.#owed > 0 && now < this.#owedUntil ? this.#rule : null;
  }

  /** Counts one request by what is known here; null: somebody must be asked. */
  decide(rule: RateRule, now: number): RateState | null {
    this.#follow(rule);
    if (now >= this.#endsAt) return null;
    if (this.#inHand > 0) {
      this.#inHand--;
      return this.#state(true, now);
    }
    return this.#consumed >= rule.requests ? this.#state(false, now) : null;
  }

  /** What to have counted for so many requests that wait; for none, what is owed. */
  ask(rule: RateRule, waiting: number, now: number): RateAsk {
    this.#follow(rule);
    if (now >= this.#owedUntil) this.#owed = 0;
    const block = waiting === 0 ? 0 : Math.max(waiting, Math.floor(rule.requests * BLOCK), 1);
    return { points: block + this.#owed, owed: this.#owed };
  }

  /**
   * The answer.
   * @param consumed of the window, these included
   * @param resetMs until the window ends
   * @param askedAt reckoned from then, the window ends here no later than there
   */
  counted(rule: RateRule, { points, owed }: RateAsk, consumed: number, resetMs: number, askedAt: number): void {
    this.#follow(rule);
    const before = consumed - points + owed;
    this.#inHand = Math.min(Math.max(0, rule.requests - before), points - owed);
    this.#consumed = consumed;
    this.#owed = Math.max(0, this.#owed - owed);
    this.#endsAt = askedAt + Math.max(1, resetMs);
  }

  /** Counts one request where nobody can be asked: the whole rule holds for this gateway. */
  decideAlone(rule: RateRule, now: number): RateState {
    this.#follow(rule);
    if (now >= this.#endsAt) {
      this.#endsAt = now + rule.windowSeconds * 1_000;
      this.#consumed = this.#inHand = this.#owed = 0;
    }
    if (this.#inHand > 0) {
      this.#inHand--;
      return this.#state(true, now);
    }
    if (this.#consumed >= rule.requests) return this.#state(false, now);
    this.#consumed++;
    this.#owed++;
    this.#owedUntil = this.#endsAt;
    return this.#state(true, now);
  }

  /** Under another rule the window goes on where it is counted; here nothing is known of it but what is owed. */
  #follow(rule: RateRule): void {
    if (rule.requests === this.#rule.requests && rule.windowSeconds === this.#rule.windowSeconds) return;
    this.#rule = rule;
    this.#endsAt = this.#inHand = this.#consumed = 0;
  }

  #state(allowed: boolean, now: number): RateState {
    return {
      allowed,
      remaining: Math.max(0, this.#rule.requests - this.#consumed) + this.#inHand,
      resetMs: Math.max(0, this.#endsAt - now),
    };
  }
}
