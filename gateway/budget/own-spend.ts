import type { Pico } from '../../core/cost/money';
import type { InvocationBatch } from '../../core/record/invocation-batch';

interface Written<F> {
  readonly at: number;
  readonly amounts: ReadonlyMap<F, Pico>;
}

/**
 * What this process has spent and the store may not know of yet, by function: each amount goes with the batch that its record is
 * in, and counts until a look at the store began after that batch was written.
 */
export class OwnSpend<F> {
  /** Of records that are in no batch yet. */
  #open = new Map<F, Pico>();
  readonly #sealed = new Map<string, ReadonlyMap<F, Pico>>();
  /** Of all sealed batches that are not written. */
  readonly #unwritten = new Map<F, bigint>();
  /** The oldest first. */
  #written: Written<F>[] = [];

  /** A call has cost so much; its record follows at once. */
  add(fn: F, amount: Pico): void {
    this.#open.set(fn, (this.#open.get(fn) ?? 0) + amount);
  }

  /** What was recorded up to now is this batch. */
  seal(batch: InvocationBatch): void {
    const amounts = this.#open;
    if (amounts.size === 0) return;
    this.#open = new Map();
    this.#sealed.set(keyOf(batch), amounts);
    for (const [fn, amount] of amounts) this.#unwritten.set(fn, (this.#unwritten.get(fn) ?? 0n) + BigInt(amount));
  }

  /** The store has it, or it is lost for good. One of an earlier process says nothing. @param at milliseconds, rising */
  written(batch: InvocationBatch, at: number): void {
    const key = keyOf(batch);
    const amounts = this.#sealed.get(key);
    if (!amounts) return;
    this.#sealed.delete(key);
    this.#written.push({ at, amounts });
    for (const [fn, amount] of amounts) {
      const left = (this.#unwritten.get(fn) ?? 0n) - BigInt(amount);
      if (left > 0n) this.#unwritten.set(fn, left);
      else this.#unwritten.delete(fn);
    }
  }

  /** What the store has not confirmed. */
  *unwritten(): Generator<readonly [fn: F, amount: bigint]> {
    for (const [fn, amount] of this.#open) yield [fn, BigInt(amount)];
    yield* this.#unwritten;
  }

  /** Of this what is on its way to the store, so that a look may have seen it all the same. */
  *onItsWay(): Generator<readonly [fn: F, amount: bigint]> {
    yield* this.#unwritten;
  }

  /** What was written of late, and when. */
  *lately(): Generator<readonly [fn: F, amount: bigint, at: number]> {
    for (const { at, amounts } of this.#written) for (const [fn, amount] of amounts) yield [fn, BigInt(amount), at];
  }

  /** Every look that counts began later. */
  forget(before: number): void {
    while ((this.#written[0]?.at ?? Infinity) < before) this.#written.shift();
  }
}

/** The same after it was spooled to the disk and read back. A row of an invocation that was tried again has its try's number. */
function keyOf({ blocks, rows }: InvocationBatch): string {
  const [block] = blocks;
  const [row] = rows;
  return block?.id ?? `${row?.id}/${row?.attempt ?? ''}`;
}
