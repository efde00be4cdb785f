const HOUR = 60;
/** With fewer requests in an hour its error is chance. */
const FEWEST = 20;

interface Made {
  readonly at: number;
  readonly median: ArrayLike<number>;
}

/** The error of the forecasts whose minutes have all come within the last hour: one for each function. */
export class RecentError {
  #made: Made[] = [];

  /** A forecast that was made. @param at its first minute, since 1970 */
  add(at: number, median: ArrayLike<number>): void {
    this.#made.push({ at, median });
  }

  /**
   * Sum of absolute errors over the sum of what came (WAPE); null where too little came.
   * @param now the first minute that is not known @param countAt requests of a minute, both in minutes since 1970
   */
  wape(now: number, countAt: (minute: number) => number): number | null {
    let error = 0;
    let total = 0;
    let requests = 0;
    this.#made = this.#made.filter(({ at, median }) => at + median.length > now - HOUR);
    for (const { at, median } of this.#made) {
      if (at + median.length > now) continue;
      for (let step = 0; step < median.length; step++) {
        const count = countAt(at + step);
        error += Math.abs(count - (median[step] as number));
        total += count;
      }
    }
    for (let minute = now - HOUR; minute < now; minute++) requests += countAt(minute);
    return requests < FEWEST || total === 0 ? null : error / total;
  }
}
