import { costsOf } from '../cost/costs-of';
import { PriceBook } from '../cost/price-book';
import { MINUTE_MS } from './block-form';
import { BlockWriter } from './block-writer';
import type { InvocationBatch, InvocationRow } from './invocation-batch';
import type { InvocationRecord } from './invocation-record';

/** Packs invocations as they end, so that nothing of them but a few bytes is kept. */
export class InvocationPacker {
  /** By function, then by minute. */
  #blocks = new Map<string, Map<number, BlockWriter>>();
  #rows: InvocationRecord[] = [];
  #calls = 0;
  /** Of the batch before, whose room is taken again. */
  #spare: BlockWriter[] = [];

  /**
   * @param newId gives a UUID that no other block has
   * @param prices by which calls are priced that carry their pricing
   */
  constructor(
    private readonly newId: () => string,
    private readonly prices = new PriceBook(),
  ) {}

  /** Invocations since the last batch. */
  get calls(): number {
    return this.#calls;
  }

  add(record: InvocationRecord): void {
    this.#calls += 1;
    if (!this.#writerOf(record).add(record)) this.#rows.push(record);
  }

  /** All since the last batch. */
  seal(): InvocationBatch {
    const rows = this.#rows.map((record) => withCosts(record, this.prices));
    const writers = [...this.#blocks.values()].flatMap((minutes) => [...minutes.values()]);
    const blocks = writers.filter(({ calls }) => calls > 0).map((writer) => writer.seal(this.newId(), this.prices));
    this.#spare = writers.filter(({ roomy }) => !roomy);
    this.#blocks = new Map();
    this.#rows = [];
    this.#calls = 0;
    return { blocks, rows };
  }

  #writerOf(record: InvocationRecord): BlockWriter {
    const { tenant, functionId, function: name, at } = record;
    let minutes = this.#blocks.get(functionId);
    if (!minutes) this.#blocks.set(functionId, (minutes = new Map<number, BlockWriter>()));
    const minute = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS;
    let writer = minutes.get(minute);
    if (!writer) {
      writer = this.#spare.pop() ?? new BlockWriter();
      minutes.set(minute, writer.begin({ tenant, functionId, function: name, minute }));
    }
    return writer;
  }
}

function withCosts(record: InvocationRecord, prices: PriceBook): InvocationRow {
  const costs = costsOf(record, prices);
  return costs ? { ...record, costs } : record;
}
