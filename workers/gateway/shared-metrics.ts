import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';

/** What a gateway that was asked for /metrics asks the process that leads it, and what it is told. */
interface Scrape {
  readonly scrape: number;
}
interface Scraped extends Scrape {
  /** Null when one of the gateways did not say its figures in time. */
  readonly text: string | null;
}

let lastScrape = 0;

/** In the process that leads the gateways: tells each that asks the figures of all, as if they were one gateway's. */
export function leadMetrics(): void {
  const all = new AggregatorRegistry();
  cluster.on('message', (asking: Worker, message: unknown) => {
    if (!isScrape(message)) return;
    const { scrape } = message;
    void all
      .clusterMetrics()
      .catch(() => null)
      .then((text) => asking.isConnected() && asking.send({ scrape, text } satisfies Scraped));
  });
}

/**
 * In one of several gateways that share a port: whichever of them is asked for /metrics answers for all.
 * @returns the text of all; of this one alone while another does not answer
 */
export function sharedMetrics(registry: Registry): () => Promise<string> {
  AggregatorRegistry.setRegistries(registry);
  // Its making is what lets this process answer the leader.
  new AggregatorRegistry();
  return async () => (await askLeader()) ?? registry.metrics();
}

function askLeader(): Promise<string | null> {
  const scrape = ++lastScrape;
  return new Promise((resolve) => {
    const told = (message: unknown): void => {
      if (!isScrape(message) || message.scrape !== scrape) return;
      process.off('message', told);
      resolve((message as Scraped).text);
    };
    process.on('message', told);
    process.send?.({ scrape } satisfies Scrape);
  });
}

function isScrape(message: unknown): message is Scrape {
  return typeof message === 'object' && message !== null && 'scrape' in message;
}
