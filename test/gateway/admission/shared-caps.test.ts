import type { Share } from '../../../core/admission/share';
import { PlatformError } from '../../../core/error/platform-error';
import type { PlacesAsk, SharedPlaces } from '../../../drivers/shared-places/shared-places';
import { Admission } from '../../../gateway/admission/admission';
import { SharedCaps } from '../../../gateway/admission/shared-caps';

const alone: Share = { weight: 1, max: 100, reserved: 0 };
const capped: Share = { weight: 1, max: 2, reserved: 0, shared: true };
const forever = new AbortController().signal;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One pot of places, and what was asked of it. */
class Pot implements SharedPlaces {
  usable = true;
  left = 1;
  readonly asks: PlacesAsk[] = [];
  #listeners: (() => void)[] = [];

  lend(ask: PlacesAsk): Promise<number> {
    this.asks.push(ask);
    if (!this.usable) return Promise.reject(new PlatformError('unavailable', 'away'));
    return Promise.resolve(Math.min(ask.wanted, this.left));
  }
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }
  become(usable: boolean): void {
    this.usable = usable;
    for (const listener of this.#listeners) listener();
  }
}

let pot: Pot;
let caps: SharedCaps;
let admission: Admission;
const shop = { tenant: 'acme', functionId: 'shop', share: capped };

beforeEach(() => {
  pot = new Pot();
  caps = new SharedCaps(pot, () => admission.widened());
  admission = new Admission({
    maxInFlight: 100,
    shareOf: () => alone,
    queue: { maxPerFunction: 100, maxTotal: 100, target: 2_000, interval: 5_000 },
    caps,
  });
});
afterEach(() => caps.close());

test('a function without a cap of its own asks nobody', () => {
  expect(admission.tryEnter({ ...shop, share: alone })).toBeDefined();
  expect(pot.asks).toEqual([]);
});

test('the first request waits for a loan, the next finds it there', async () => {
  expect(admission.tryEnter(shop)).toBeUndefined();
  const place = await admission.wait(shop, 1_000, forever);
  expect(pot.asks).toEqual([{ key: 'function/shop', cap: 2, inUse: 0, wanted: 1 }]);
  admission.leave(place);
  expect(admission.tryEnter(shop)).toBeDefined();
  expect(pot.asks).toHaveLength(1);
});

test('what is not lent waits in the queue, and goes on with what others leave', async () => {
  await admission.wait(shop, 1_000, forever);
  const second = admission.wait(shop, 30_000, forever);
  await settled();
  expect(admission.queued).toBe(1);
  pot.left = 2;
  await second;
  expect(admission.inFlight).toBe(2);
});

test('while loans are not to be had the cap is this gateway’s own, and it is lent again afterwards', async () => {
  await admission.wait(shop, 1_000, forever);
  const waiting = [admission.wait(shop, 30_000, forever), admission.wait(shop, 30_000, forever)];
  await settled();
  pot.become(false);
  await waiting[0];
  // Two places are the cap, and the third still waits.
  expect([admission.inFlight, admission.queued]).toEqual([2, 1]);
  pot.asks.length = 0;
  pot.become(true);
  await settled();
  expect(pot.asks[0]).toEqual({ key: 'function/shop', cap: 2, inUse: 2, wanted: 2 });
  waiting[1]?.catch(() => undefined);
  admission.close();
});

test('a tenant’s cap is lent as well as its function’s', async () => {
  const tenants = new Admission({
    maxInFlight: 100,
    shareOf: () => capped,
    queue: { maxPerFunction: 100, maxTotal: 100, target: 2_000, interval: 5_000 },
    caps,
  });
  const waiting = tenants.wait({ ...shop, share: alone }, 1_000, forever);
  expect(pot.asks.map(({ key }) => key)).toEqual(['tenant/acme']);
  await settled();
  tenants.widened();
  await waiting;
});

test('a function that had given everything back is let in while loans are not to be had', async () => {
  jest.useFakeTimers({ now: performance.now() });
  const own = new SharedCaps(pot, () => door.widened());
  const door = new Admission({
    maxInFlight: 100,
    shareOf: () => alone,
    queue: { maxPerFunction: 100, maxTotal: 100, target: 2_000, interval: 5_000 },
    caps: own,
  });
  door.leave(await door.wait(shop, 1_000, forever));
  await jest.advanceTimersByTimeAsync(5_000);
  expect(pot.asks.at(-1)).toMatchObject({ wanted: 0 });
  pot.become(false);
  await door.wait(shop, 1_000, forever);
  pot.asks.length = 0;
  pot.become(true);
  await jest.advanceTimersByTimeAsync(0);
  expect(pot.asks[0]).toMatchObject({ inUse: 1 });
  jest.useRealTimers();
  await own.close();
});

test('a cap that only one of two revisions has is asked for by that one alone', async () => {
  admission.leave(await admission.wait(shop, 1_000, forever));
  pot.asks.length = 0;
  const free = admission.tryEnter({ ...shop, share: alone });
  expect(free).toBeDefined();
  expect(pot.asks).toEqual([]);
  const place = admission.wait({ ...shop, share: { ...capped, max: 3 } }, 1_000, forever);
  expect(pot.asks).toEqual([{ key: 'function/shop', cap: 3, inUse: 1, wanted: 2 }]);
  pot.left = 2;
  await place;
});

test('everything is given back at the end', async () => {
  admission.leave(await admission.wait(shop, 1_000, forever));
  await caps.close();
  expect(pot.asks.at(-1)).toEqual({ key: 'function/shop', cap: 2, inUse: 0, wanted: 0 });
});
