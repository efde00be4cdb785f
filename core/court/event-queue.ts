/** What can happen beside arrivals and decisions; the subject is a call, an instance or a function, by index. */
export const EVENTS = { ended: 0, ready: 1, awake: 2, sweep: 3, plan: 4, review: 5, published: 6, joined: 7 } as const;
export type EventKind = (typeof EVENTS)[keyof typeof EVENTS];

const FIRST_ROOM = 1_024;

/** Events by time; among equal times in the order in which they were added. A binary heap in columns. */
export class EventQueue {
  #times = new Float64Array(FIRST_ROOM);
  #orders = new Float64Array(FIRST_ROOM);
  #kinds = new Uint8Array(FIRST_ROOM);
  #subjects = new Uint32Array(FIRST_ROOM);
  #size = 0;
  #added = 0;
  /** The event that `take` has taken. */
  kind: EventKind = EVENTS.ended;
  subject = 0;

  /** When the next one is due; Infinity for none. */
  get nextAt(): number {
    return this.#size === 0 ? Infinity : (this.#times[0] as number);
  }

  add(at: number, kind: EventKind, subject: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const order = this.#added++;
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#before(at, order, parent)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, at, order, kind, subject);
  }

  /** Takes the next one into `kind` and `subject`. There must be one. */
  take(): void {
    this.kind = this.#kinds[0] as EventKind;
    this.subject = this.#subjects[0] as number;
    const last = --this.#size;
    const at = this.#times[last] as number;
    const order = this.#orders[last] as number;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      const right = child + 1;
      if (right < last && this.#before(this.#times[right] as number, this.#orders[right] as number, child))
        child = right;
      if (this.#before(at, order, child)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, at, order, this.#kinds[last] as EventKind, this.#subjects[last] as number);
  }

  #before(at: number, order: number, other: number): boolean {
    const time = this.#times[other] as number;
    return at < time || (at === time && order < (this.#orders[other] as number));
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number;
    this.#orders[to] = this.#orders[from] as number;
    this.#kinds[to] = this.#kinds[from] as number;
    this.#subjects[to] = this.#subjects[from] as number;
  }

  #put(place: number, at: number, order: number, kind: EventKind, subject: number): void {
    this.#times[place] = at;
    this.#orders[place] = order;
    this.#kinds[place] = kind;
    this.#subjects[place] = subject;
  }

  #grow(): void {
    const room = 2 * this.#times.length;
    const grown = <T extends Float64Array | Uint8Array | Uint32Array>(made: T, old: T): T => {
      made.set(old);
      return made;
    };
    this.#times = grown(new Float64Array(room), this.#times);
    this.#orders = grown(new Float64Array(room), this.#orders);
    this.#kinds = grown(new Uint8Array(room), this.#kinds);
    this.#subjects = grown(new Uint32Array(room), this.#subjects);
  }
}
