/**
 * Values in rising order, each with its weight: what several forecasts say of one number. Its quantiles are those of the
 * distribution that has each value with its weight, the smaller of two neighbours where a level lies between them.
 */
export class WeightedValues {
  readonly #values: Float64Array;
  readonly #order: Uint16Array;
  #length = 0;

  /** @param most values at once, below 65,536 */
  constructor(most: number) {
    this.#values = new Float64Array(most);
    this.#order = new Uint16Array(most);
  }

  /** Takes new values in place of the old. */
  set(length: number, valueAt: (index: number) => number): void {
    this.#length = length;
    // Insertion: there are some fifty values, and neighbours in the pool are often near each other.
    for (let i = 0; i < length; i++) {
      const value = valueAt(i);
      let place = i;
      while (place > 0 && (this.#values[place - 1] as number) > value) {
        this.#values[place] = this.#values[place - 1] as number;
        this.#order[place] = this.#order[place - 1] as number;
        place--;
      }
      this.#values[place] = value;
      this.#order[place] = i;
    }
  }

  /**
   * One value for each level. @param levels rising, 0 to 1 @param weightOf of the value that was given at an index, not
   * negative; they need not sum to 1
   */
  quantiles(levels: ArrayLike<number>, weightOf: (index: number, value: number) => number): Float64Array {
    const found = new Float64Array(levels.length);
    let sum = 0;
    for (let i = 0; i < this.#length; i++) sum += weightOf(this.#order[i] as number, this.#values[i] as number);
    let below = 0;
    let place = -1;
    for (let level = 0; level < levels.length; level++) {
      const wanted = Math.min(1, levels[level] as number) * sum * (1 - 1e-9);
      while (place < this.#length - 1 && (place < 0 || below < wanted)) {
        place++;
        below += weightOf(this.#order[place] as number, this.#values[place] as number);
      }
      found[level] = place < 0 ? 0 : (this.#values[place] as number);
    }
    return found;
  }
}
