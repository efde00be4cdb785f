import type { Sharer } from '../../core/admission/share';
import type { SharedPlaces } from '../../drivers/shared-places/shared-places';
import type { AdmissionCaps } from './admission';

/** One whose cap is shared. */
interface Capped {
  readonly sharer: Sharer;
  /** Of what was last asked for, something was not lent. */
  short: boolean;
  asking: boolean;
  askAgain: boolean;
  askedAt: number;
  peakSince: number;
}

/** How often one asks that could use more; how often the others renew. Both are far below the life of a loan. */
const SHORT_MS = 100;
const RENEW_MS = 300;
/** So long it keeps what it once needed, unless others want it: a request now and then finds a place at once. */
const PEAK_MS = 2_000;

/**
 * Makes the caps of tenants and functions hold over all gateways: what each may use of a cap is lent to it, and it asks again
 * as its load goes up and down. Requests that find a lent place ask nobody. While loans are not to be had each gateway has
 * the whole cap.
 */
export class SharedCaps implements AdmissionCaps {
  readonly #capped = new Map<string, Capped>();
  readonly #timer: NodeJS.Timeout;

  /** @param widened there is more to be had than before */
  constructor(
    private readonly places: SharedPlaces,
    private readonly widened: () => void,
  ) {
    this.#timer = setInterval(() => this.#renew(), SHORT_MS).unref();
    places.onChange(() => this.#changed());
  }

  follow(sharer: Sharer): void {
    // While two revisions have traffic it may be shared for one request and not for the next: what is lent just runs out.
    const shared = sharer.share.shared === true && this.places.usable;
    sharer.lent = shared ? 0 : Number.POSITIVE_INFINITY;
    if (!sharer.share.shared || this.#capped.get(sharer.key)?.sharer === sharer) return;
    const now = performance.now();
    const capped = { sharer, short: false, asking: false, askAgain: false, askedAt: 0, peakSince: now };
    this.#capped.set(sharer.key, capped);
    // What was in flight before is counted now.
    if (sharer.inFlight > 0) void this.#ask(capped);
  }

  wanted(sharer: Sharer): void {
    const { share, inFlight, lent } = sharer;
    if (!share.shared || inFlight < lent || lent >= share.max) return;
    const capped = this.#capped.get(sharer.key);
    if (capped?.sharer !== sharer) this.follow(sharer);
    if (this.places.usable) void this.#ask(this.#capped.get(sharer.key));
    else this.widened();
  }

  /** Everything is given back; nothing is asked for any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#capped.values()].map((capped) => this.#giveBack(capped)));
  }

  #changed(): void {
    for (const capped of this.#capped.values()) {
      if (this.places.usable) void this.#ask(capped);
      else capped.sharer.lent = Number.POSITIVE_INFINITY;
    }
    if (!this.places.usable) this.widened();
  }

  #renew(): void {
    if (!this.places.usable) return;
    const now = performance.now();
    for (const capped of this.#capped.values()) {
      const { sharer, short, askedAt } = capped;
      const idle = sharer.inFlight === 0 && sharer.waiting === 0 && sharer.lent === 0;
      if (!sharer.share.shared || (idle && !short)) this.#capped.delete(sharer.key);
      else if (now - askedAt >= (short ? SHORT_MS : RENEW_MS)) void this.#ask(capped);
    }
  }

  async #ask(capped: Capped | undefined): Promise<void> {
    if (!capped || !this.places.usable) return;
    if (capped.asking) {
      capped.askAgain = true;
      return;
    }
    capped.asking = true;
    const { sharer } = capped;
    do {
      capped.askAgain = false;
      const now = performance.now();
      capped.askedAt = now;
      const wanted = Math.min(sharer.share.max, Math.max(sharer.inFlight + sharer.waiting, sharer.peak));
      if (now - capped.peakSince > PEAK_MS) {
        sharer.peak = sharer.inFlight;
        capped.peakSince = now;
      }
      const before = sharer.lent;
      try {
        const { key, share, inFlight: inUse } = sharer;
        const lent = await this.places.lend({ key, cap: share.max, inUse, wanted });
        if (sharer.share.shared && this.places.usable) sharer.lent = lent;
        capped.short = lent < wanted;
      } catch {
        // Without loans each has all of it; `#changed` sees to that.
      }
      if (sharer.lent > before) this.widened();
    } while (capped.askAgain && this.places.usable);
    capped.asking = false;
  }

  async #giveBack({ sharer }: Capped): Promise<void> {
    const { key, share } = sharer;
    this.#capped.delete(key);
    await this.places.lend({ key, cap: share.max, inUse: 0, wanted: 0 }).catch(() => undefined);
  }
}
