import { Counter, type Registry } from 'prom-client';

/**
 * A counter for each figure that another process leaves in the store.
 * @param counters name and help of each @param figures as they were read last; undefined before any were
 */
export function registerStoredCounters<Figure extends string>(
  registry: Registry,
  counters: Readonly<Record<Figure, readonly [name: string, help: string]>>,
  figures: () => Promise<Readonly<Record<Figure, number>> | undefined>,
): void {
  for (const [figure, [name, help]] of Object.entries(counters) as [Figure, readonly [string, string]][]) {
    new Counter({
      name,
      // All gateways read the same figures.
      aggregator: 'max',
      help,
      registers: [registry],
      async collect() {
        const value = (await figures())?.[figure];
        if (value === undefined) return;
        this.reset();
        this.inc(value);
      },
    });
  }
}
