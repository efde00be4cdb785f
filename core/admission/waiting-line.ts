/** One place in a line; belongs to at most one line at a time. */
export class LinePlace<T> {
  before: LinePlace<T> | undefined;
  behind: LinePlace<T> | undefined;

  constructor(
    readonly who: T,
    /** When it began to wait, milliseconds of whatever clock the caller uses. */
    readonly since: number,
  ) {}
}

/** A line whose oldest is served and whose newest is shed; anyone may step out of it. All in constant time. */
export class WaitingLine<T> {
  #oldest: LinePlace<T> | undefined;
  #newest: LinePlace<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get oldest(): LinePlace<T> | undefined {
    return this.#oldest;
  }

  get newest(): LinePlace<T> | undefined {
    return this.#newest;
  }

  push(place: LinePlace<T>): void {
    place.before = this.#newest;
    if (this.#newest) this.#newest.behind = place;
    else this.#oldest = place;
    this.#newest = place;
    this.#length++;
  }

  /** False when it is not in this line. */
  remove(place: LinePlace<T>): boolean {
    const { before, behind } = place;
    if ((before ? before.behind : this.#oldest) !== place) return false;
    if (before) before.behind = behind;
    else this.#oldest = behind;
    if (behind) behind.before = before;
    else this.#newest = before;
    place.before = place.behind = undefined;
    this.#length--;
    return true;
  }
}
