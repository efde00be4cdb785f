import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { RateRule } from '../../../core/admission/limits';
import { RateWindow, type RateState } from '../../../core/admission/rate-window';
import type { SharedRedis } from '../../redis/shared-redis';
import type { Limiter } from '../limiter';

interface Waiter {
  readonly rule: RateRule;
  readonly resolve: (state: RateState) => void;
}

/** What is known here of one key. */
interface Entry {
  readonly window: RateWindow;
  readonly waiting: Waiter[];
  asking: boolean;
}

const TIDY_MS = 10_000;

/**
 * Counts in Redis, for all gateways that share it. Most requests are answered from a block that was counted before, or from
 * the knowledge that the window is used up; those that are not share one question for each key. Never throws: while Redis
 * is lost each gateway counts for itself.
 */
export function createRedisLimiter({ connection, circuit, prefix }: SharedRedis): Limiter {
  const counts = new RateLimiterRedis({
    storeClient: connection,
    keyPrefix: `${prefix}rate`,
    points: Number.MAX_SAFE_INTEGER,
    duration: 1,
  });
  const entries = new Map<string, Entry>();
  const tidy = setInterval(() => {
    const now = performance.now();
    for (const [key, { window, asking }] of entries) if (!asking && window.endsAt <= now) entries.delete(key);
  }, TIDY_MS).unref();

  const entryOf = (key: string): Entry => {
    let entry = entries.get(key);
    if (!entry) {
      entry = { window: new RateWindow(), waiting: [], asking: false };
      entries.set(key, entry);
    }
    return entry;
  };

  /** @param owing the rule under which something is owed, where nobody need wait */
  async function ask(key: string, entry: Entry, owing: RateRule | null = null): Promise<void> {
    entry.asking = true;
    const { window, waiting } = entry;
    for (let rule = waiting[0]?.rule ?? owing; rule; rule = waiting[0]?.rule ?? null) {
      const { windowSeconds } = rule;
      const askedAt = performance.now();
      const wanted = window.ask(rule, waiting.length, askedAt);
      try {
        const { consumedPoints, msBeforeNext } = await circuit.run(() =>
          counts.consume(key, wanted.points, { customDuration: windowSeconds }),
        );
        window.counted(rule, wanted, consumedPoints, msBeforeNext, askedAt);
        // By the time of the question: an answer that came late still serves those who asked.
        serve(waiting, (waiter) => window.decide(waiter.rule, askedAt));
      } catch {
        serve(waiting, (waiter) => window.decideAlone(waiter.rule, performance.now()));
      }
    }
    entry.asking = false;
  }

  circuit.listen((lost) => {
    if (lost) return;
    const now = performance.now();
    for (const [key, entry] of entries) {
      const owing = entry.window.owing(now);
      if (owing && !entry.asking) void ask(key, entry, owing);
    }
  });

  return {
    take(key, rule) {
      const entry = entryOf(key);
      const now = performance.now();
      const state = entry.window.decide(rule, now);
      if (state) return Promise.resolve(state);
      if (!circuit.usable) return Promise.resolve(entry.window.decideAlone(rule, now));
      return new Promise((resolve) => {
        entry.waiting.push({ rule, resolve });
        if (!entry.asking) void ask(key, entry);
      });
    },
    close: () => {
      clearInterval(tidy);
      entries.clear();
      return Promise.resolve();
    },
  };
}

/** The oldest first, until one must be asked for again. */
function serve(waiting: Waiter[], decide: (waiter: Waiter) => RateState | null): void {
  for (let first = waiting[0]; first; first = waiting[0]) {
    const state = decide(first);
    if (!state) return;
    waiting.shift();
    first.resolve(state);
  }
}
