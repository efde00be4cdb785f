import { randomUUID } from 'node:crypto';
import type { HeldBatch } from '../../core/cost/warmth/held-batch';
import type { HeldRow } from '../../core/cost/warmth/held-row';
import { SpooledWriter, type SpooledWriterOptions } from '../../drivers/spool/spooled-writer';

export interface HeldReporterOptions extends Pick<HeldBatch, 'node' | 'pricing' | 'prices'> {
  /** What rested since the last time. */
  readonly take: () => readonly HeldRow[];
  readonly write: (batch: HeldBatch) => Promise<void>;
  readonly spool: SpooledWriterOptions<HeldBatch>['spool'];
  readonly log: SpooledWriterOptions<HeldBatch>['log'];
  readonly everyMs: number;
}

/** Reports what the node keeps warm. What was not reported yet when the agent is killed is charged to nobody. */
export class HeldReporter {
  readonly #writer: SpooledWriter<HeldBatch>;
  readonly #timer: NodeJS.Timeout;

  /** Begins at once, with what an earlier agent could not write. */
  constructor(private readonly options: HeldReporterOptions) {
    const { write, spool, log } = options;
    this.#writer = new SpooledWriter({ write, spool, log, what: 'held memory' });
    this.#writer.open();
    this.#timer = setInterval(() => this.#report(), options.everyMs).unref();
  }

  /** Reports what is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#report();
    await this.#writer.close();
  }

  #report(): void {
    const rows = this.options.take();
    const { node, pricing, prices } = this.options;
    if (rows.length > 0) this.#writer.add({ id: randomUUID(), node, pricing, prices, rows });
  }
}
