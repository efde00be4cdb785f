import { Counter, Gauge, type Registry } from 'prom-client';
import type { AsyncOrigin } from '../../core/async/async-state';
import type { AsyncFigures, AsyncQueue, TryReport } from '../../drivers/async-queue/async-queue';

/** The figures cost a query over all that has not ended: they are read anew after this long. */
const FIGURES_TTL_MS = 5_000;
/** Series of functions; those beyond it are left out. */
const MAX_SERIES = 2_000;

export interface AsyncMetrics {
  accepted(origin: AsyncOrigin): void;
  tried(report: TryReport): void;
}

/** Metrics of asynchronous invocations: what this gateway did, and what the queue holds for all of them. */
export function registerAsyncMetrics(
  registry: Registry,
  queue: Pick<AsyncQueue, 'figures'>,
  now: () => number,
): AsyncMetrics {
  const registers = [registry];
  const accepted = new Counter({
    name: 'presage_async_accepted_total',
    help: 'Asynchronous invocations accepted by this gateway, by how they came about.',
    labelNames: ['origin'],
    registers,
  });
  const tries = new Counter({
    name: 'presage_async_tries_total',
    help: 'Tries of asynchronous invocations made by this gateway, by what became of the invocation.',
    labelNames: ['outcome'],
    registers,
  });
  let figures: AsyncFigures = { states: [], oldestDueSeconds: 0 };
  let readAt = -Infinity;
  const read = async (): Promise<AsyncFigures> => {
    if (now() - readAt < FIGURES_TTL_MS) return figures;
    readAt = now();
    // A database that is away must not take the other metrics with it: the last figures stand.
    figures = await queue.figures().catch(() => figures);
    return figures;
  };
  new Gauge({
    name: 'presage_async_invocations',
    help: 'Asynchronous invocations that have not been answered, in the whole queue; dead: dead letters.',
    labelNames: ['tenant', 'function', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const { count, ...labels } of (await read()).states.slice(0, MAX_SERIES)) this.set(labels, count);
    },
  });
  new Gauge({
    name: 'presage_async_oldest_due_seconds',
    help: 'How long the oldest asynchronous invocation waits for a try that is due.',
    registers,
    async collect() {
      this.set((await read()).oldestDueSeconds);
    },
  });
  return {
    accepted: (origin) => accepted.inc({ origin }),
    tried: ({ step }) => tries.inc({ outcome: step.state }),
  };
}
