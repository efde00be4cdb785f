import { randomUUID } from 'node:crypto';
import { HeldBook } from '../../core/cost/warmth/held-book';
import type { HeldBatch } from '../../core/cost/warmth/held-batch';
import type { Holding } from '../../core/cost/warmth/held-row';
import { warmthPricing } from '../../core/cost/warmth/warmth-pricing';
import type { PriceTable } from '../../core/cost/price-table';
import type { Tier } from '../../core/function/manifest';
import { SpooledWriter, type SpooledWriterOptions } from '../../drivers/spool/spooled-writer';

export interface LeaseRestsOptions extends Pick<SpooledWriterOptions<HeldBatch>, 'write' | 'spool' | 'log'> {
  readonly prices: PriceTable;
  /** Milliseconds between two reports; default 10 s. */
  readonly everyMs?: number;
}

const EVERY_MS = 10_000;

interface NodeBook {
  readonly node: string;
  readonly tier: Tier;
  readonly book: HeldBook;
}

/**
 * How long instances that this gateway keeps from one call to the next have nothing to do: the calls pay for them while they
 * work, and their agents count them once they are given back. What was not reported yet when the gateway is killed is charged to
 * nobody.
 */
export class LeaseRests {
  readonly #nodes = new Map<string, NodeBook>();
  readonly #writer: SpooledWriter<HeldBatch>;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: LeaseRestsOptions) {
    this.#writer = new SpooledWriter({ ...options, what: 'held memory' });
  }

  /** Reports from now on, first what an earlier gateway could not. */
  open(): void {
    this.#writer.open();
    this.#timer = setInterval(() => this.#report(), this.options.everyMs ?? EVERY_MS).unref();
  }

  /** Instances of the revision on that node had nothing to do. @param to Unix milliseconds, exclusive */
  add(node: string, tier: Tier, holding: Holding, from: number, to: number): void {
    let known = this.#nodes.get(node);
    if (known?.tier !== tier) {
      // One that has become a node of another tier is priced otherwise from now on.
      if (known) this.#reportOf(known);
      this.#nodes.set(node, (known = { node, tier, book: new HeldBook() }));
    }
    known.book.add(holding, 'running', from, to);
  }

  /** Reports what is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#report();
    await this.#writer.close();
  }

  #report(): void {
    for (const known of this.#nodes.values()) if (!this.#reportOf(known)) this.#nodes.delete(known.node);
  }

  /** False when there is nothing to report. */
  #reportOf({ node, tier, book }: NodeBook): boolean {
    const rows = book.take();
    if (rows.length === 0) return false;
    this.#writer.add({ id: randomUUID(), node, ...warmthPricing(this.options.prices, tier), rows });
    return true;
  }
}
