/** What one who shares places with others is entitled to. */
export interface Share {
  /** Against the weights of the others who wait; above 0. */
  readonly weight: number;
  /** Places at once at most. */
  readonly max: number;
  /** Places that the others leave free for it. */
  readonly reserved: number;
  /** `max` is meant for all gateways together, where they share what they count. */
  readonly shared?: boolean;
}

/** However much is reserved, this part of the places stays open to all: a promise to one must not shut the others out. */
const RESERVABLE = 0.75;

/** One who shares places: a tenant among tenants, or a function among those of its tenant. */
export class Sharer {
  inFlight = 0;
  waiting = 0;
  /** The most in flight since somebody last looked. */
  peak = 0;
  /** Of a shared `max`, what this gateway has been lent; without limit where `max` is this gateway's own. */
  lent = Number.POSITIVE_INFINITY;
  /** Start-time fair queuing: where its next grant begins in virtual time. */
  tag = 0;

  constructor(
    /** Names it among all that share anything, at every gateway alike. */
    readonly key: string,
    public share: Share,
  ) {}

  /** Places kept free for it and not in use. */
  get unused(): number {
    return Math.max(0, this.share.reserved - this.inFlight);
  }

  /** By how much of its share it has. */
  get load(): number {
    return this.inFlight / this.share.weight;
  }
}

/** Places that sharers have between them. */
export class Places {
  inFlight = 0;
  /** Reserved and not in use, over all sharers. */
  unused = 0;
  #virtualTime = 0;

  constructor(public capacity: number) {}

  /** May it take one more place now? */
  hasRoomFor(sharer: Sharer): boolean {
    if (sharer.inFlight >= Math.min(sharer.share.max, sharer.lent) || this.inFlight >= this.capacity) return false;
    if (sharer.inFlight < sharer.share.reserved) return true;
    return this.inFlight + Math.min(this.unused, Math.floor(this.capacity * RESERVABLE)) < this.capacity;
  }

  take(sharer: Sharer): void {
    if (sharer.inFlight < sharer.share.reserved) this.unused--;
    sharer.inFlight++;
    sharer.peak = Math.max(sharer.peak, sharer.inFlight);
    this.inFlight++;
    const start = Math.max(this.#virtualTime, sharer.tag);
    this.#virtualTime = start;
    sharer.tag = start + 1 / sharer.share.weight;
  }

  giveBack(sharer: Sharer): void {
    sharer.inFlight--;
    this.inFlight--;
    if (sharer.inFlight < sharer.share.reserved) this.unused++;
  }

  /** Gives it another share; what it holds it keeps. */
  entitle(sharer: Sharer, share: Share): void {
    this.unused -= sharer.unused;
    sharer.share = share;
    this.unused += sharer.unused;
  }

  /** It shares no longer. */
  forget(sharer: Sharer): void {
    this.unused -= sharer.unused;
  }

  /**
   * Is `a` to be served before `b`? First who holds the least for its weight: that divides the places evenly, however long
   * each holds one. Between equals the earlier start in virtual time (start-time fair queuing: Goyal, Vin and Cheng 1996),
   * so that also a single place goes round by weight.
   */
  isBefore(a: Sharer, b: Sharer): boolean {
    const difference = a.load - b.load;
    if (difference !== 0) return difference < 0;
    return Math.max(a.tag, this.#virtualTime) < Math.max(b.tag, this.#virtualTime);
  }
}
