import { Places, Sharer, type Share } from './share';
import { LinePlace, WaitingLine } from './waiting-line';

/** A tenant: it shares the places with other tenants, and divides its own between its functions. */
class Tenant<W> extends Sharer {
  readonly flows = new Map<string, Flow<W>>();
  readonly waitingFlows = new Set<Flow<W>>();
  readonly places: Places;

  constructor(
    readonly name: string,
    share: Share,
    limit: number,
  ) {
    super(`tenant/${name}`, share);
    this.places = new Places(Math.min(share.max, limit));
  }
}

/** The requests of one function: those in flight, and the line of those that wait for a place. */
export class Flow<W> extends Sharer {
  readonly line = new WaitingLine<W>();

  constructor(
    readonly tenant: Tenant<W>,
    readonly name: string,
    share: Share,
  ) {
    super(`function/${name}`, share);
  }
}

/**
 * So many places, shared by tenants and within each by its functions. Who finds no place waits; a free place goes to the
 * tenant that holds the least for its weight, in it to the function that does, and there to who waits longest.
 * No place stays free while someone waits who may have it.
 */
export class FairQueue<W> {
  readonly #tenants = new Map<string, Tenant<W>>();
  readonly #waitingTenants = new Set<Tenant<W>>();
  readonly #places: Places;
  #waiting = 0;

  /**
   * @param limit places in all
   * @param shareOf what a tenant is entitled to
   * @param sharing told of everyone whose `max` begins, or ends, to be shared with other gateways
   */
  constructor(
    private readonly limit: number,
    private readonly shareOf: (tenant: string) => Share,
    private readonly sharing: (sharer: Sharer) => void = () => undefined,
  ) {
    this.#places = new Places(limit);
  }

  get inFlight(): number {
    return this.#places.inFlight;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** The flow of a function, with the share it is entitled to from now on. */
  flow(tenant: string, name: string, share: Share): Flow<W> {
    const owner = this.#tenant(tenant);
    let flow = owner.flows.get(name);
    if (!flow) {
      flow = new Flow(owner, name, share);
      owner.flows.set(name, flow);
      owner.places.unused += flow.unused;
      if (share.shared) this.sharing(flow);
    } else if (flow.share !== share) this.#entitle(owner.places, flow, share);
    return flow;
  }

  /** Takes a place at once; false where there is none, or others of the function wait for it. */
  tryEnter(flow: Flow<W>): boolean {
    if (flow.waiting > 0 || !this.#hasRoom(flow)) return false;
    this.#take(flow);
    return true;
  }

  /** @param now when it begins to wait */
  enqueue(flow: Flow<W>, who: W, now: number): LinePlace<W> {
    const place = new LinePlace(who, now);
    flow.line.push(place);
    this.#count(flow, 1);
    return place;
  }

  /** Steps out of the line; false when it was not in it any more. */
  remove(flow: Flow<W>, place: LinePlace<W>): boolean {
    if (!flow.line.remove(place)) return false;
    this.#count(flow, -1);
    return true;
  }

  /** Gives a place back. Call `next` until it has nobody. */
  leave(flow: Flow<W>): void {
    flow.tenant.places.giveBack(flow);
    this.#places.giveBack(flow.tenant);
  }

  /** The next to have a place, which is taken for it; undefined when nobody who waits may have one. */
  next(): { readonly flow: Flow<W>; readonly place: LinePlace<W> } | undefined {
    let tenant: Tenant<W> | undefined;
    let flow: Flow<W> | undefined;
    for (const candidate of this.#waitingTenants) {
      if (tenant && !this.#places.isBefore(candidate, tenant)) continue;
      if (!this.#places.hasRoomFor(candidate)) continue;
      const first = firstOf(candidate);
      if (!first) continue;
      tenant = candidate;
      flow = first;
    }
    const place = flow?.line.oldest;
    if (!flow || !place) return undefined;
    this.remove(flow, place);
    this.#take(flow);
    return { flow, place };
  }

  /**
   * Whose newest gives way so that one more of `flow` may wait: the longest line of the tenant with the most waiting for
   * its weight. Undefined: nobody waits for more, the newcomer itself is one too many.
   */
  yielding(flow: Flow<W>): Flow<W> | undefined {
    const longest = this.longest();
    if (!longest) return undefined;
    const [theirs, ours] = [longest.tenant, flow.tenant];
    const more =
      theirs === ours
        ? longest.waiting > flow.waiting + 1
        : theirs.waiting * ours.share.weight > (ours.waiting + 1) * theirs.share.weight;
    return more ? longest : undefined;
  }

  /** The longest line of the tenant with the most waiting for its weight; undefined when nobody waits. */
  longest(): Flow<W> | undefined {
    let tenant: Tenant<W> | undefined;
    for (const candidate of this.#waitingTenants) {
      if (!tenant || candidate.waiting * tenant.share.weight > tenant.waiting * candidate.share.weight) {
        tenant = candidate;
      }
    }
    let flow: Flow<W> | undefined;
    for (const candidate of tenant?.waitingFlows ?? []) if (!flow || candidate.waiting > flow.waiting) flow = candidate;
    return flow;
  }

  /** Reads the shares of all tenants anew; `named` are there from now on though they ask for nothing yet. */
  entitle(named: Iterable<string>): void {
    for (const name of named) this.#tenant(name);
    for (const tenant of this.#tenants.values()) {
      const share = this.shareOf(tenant.name);
      this.#entitle(this.#places, tenant, share);
      tenant.places.capacity = Math.min(share.max, this.limit);
    }
  }

  /** Takes the reservations back of flows that are not `kept`, and forgets who neither holds nor awaits anything. */
  tidy(kept: ReadonlySet<string>): void {
    for (const tenant of this.#tenants.values()) {
      for (const flow of tenant.flows.values()) {
        if (kept.has(flow.name) && flow.share.reserved > 0) continue;
        if (flow.share.reserved > 0) tenant.places.entitle(flow, { ...flow.share, reserved: 0 });
        if (flow.inFlight === 0 && flow.waiting === 0) tenant.flows.delete(flow.name);
      }
      if (tenant.flows.size > 0 || tenant.share.reserved > 0) continue;
      this.#places.forget(tenant);
      this.#tenants.delete(tenant.name);
    }
  }

  #tenant(name: string): Tenant<W> {
    let tenant = this.#tenants.get(name);
    if (!tenant) {
      tenant = new Tenant(name, this.shareOf(name), this.limit);
      this.#tenants.set(name, tenant);
      this.#places.unused += tenant.unused;
      if (tenant.share.shared) this.sharing(tenant);
    }
    return tenant;
  }

  #entitle(places: Places, sharer: Sharer, share: Share): void {
    const changed = share.shared !== sharer.share.shared;
    places.entitle(sharer, share);
    if (changed) this.sharing(sharer);
  }

  #hasRoom(flow: Flow<W>): boolean {
    return this.#places.hasRoomFor(flow.tenant) && flow.tenant.places.hasRoomFor(flow);
  }

  #take(flow: Flow<W>): void {
    flow.tenant.places.take(flow);
    this.#places.take(flow.tenant);
  }

  #count(flow: Flow<W>, by: 1 | -1): void {
    const { tenant } = flow;
    this.#waiting += by;
    flow.waiting += by;
    tenant.waiting += by;
    if (flow.waiting > 0) tenant.waitingFlows.add(flow);
    else tenant.waitingFlows.delete(flow);
    if (tenant.waiting > 0) this.#waitingTenants.add(tenant);
    else this.#waitingTenants.delete(tenant);
  }
}

/** The function of a tenant whose turn it is, of those that may have one more place. */
function firstOf<W>(tenant: Tenant<W>): Flow<W> | undefined {
  let first: Flow<W> | undefined;
  for (const flow of tenant.waitingFlows) {
    if (first && !tenant.places.isBefore(flow, first)) continue;
    if (tenant.places.hasRoomFor(flow)) first = flow;
  }
  return first;
}
