import type { RevisionRoute } from '../../../gateway/invocation/revision-route';
import { routeOf, SpendWorld, type WorldGateway } from './spend-world';

const DOLLAR = 10 ** 12;
/** Of a call: a thousandth of a cent. */
const CALL = DOLLAR / 100_000;

let world: SpendWorld;
const open: WorldGateway[] = [];
beforeEach(() => {
  jest.useFakeTimers({ now: Date.UTC(2026, 4, 15, 12) });
  world = new SpendWorld();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
  jest.useRealTimers();
});

async function gatewayOf(...functions: RevisionRoute[]): Promise<WorldGateway> {
  const gateway = await world.gateway(...functions);
  open.push(gateway);
  return gateway;
}

/** So many calls a second at each gateway, evenly. */
async function load(seconds: number, perSecond: number, gateways: readonly WorldGateway[], amount = CALL) {
  const each = Math.max(1, Math.round(perSecond / 100));
  for (let step = 0; step < seconds * 100; step++) {
    for (const gateway of gateways) for (let call = 0; call < each; call++) gateway.call(amount);
    await jest.advanceTimersByTimeAsync(10);
  }
}
const settle = (): Promise<void> => jest.advanceTimersByTimeAsync(12_000).then(() => undefined);

test('a function that no budget covers is told so, and one that is covered knows by which', async () => {
  world.setBudget({ limit: '1', functions: ['a'] });
  const [a, b] = [routeOf('a'), routeOf('b')];
  await gatewayOf(a, b);
  expect(b.spend).toBeNull();
  expect(a.spend?.budgets.map(({ record }) => record.name)).toEqual(['all']);
});

test('one gateway stops at the limit, not a call later than it must', async () => {
  world.setBudget({ limit: '0.05' });
  const gateway = await gatewayOf(routeOf('a'));
  await load(10, 1_000, [gateway]);
  await settle();
  expect(world.total).toBe(BigInt(0.05 * DOLLAR));
  expect(gateway.refused).toBeGreaterThan(4_000);
});

test('what was spent before this process is in its first look', async () => {
  world.setBudget({ limit: '1' });
  world.spent.set('a-id', BigInt(DOLLAR));
  const gateway = await gatewayOf(routeOf('a'));
  expect(gateway.call(CALL)).toBe(false);
  expect(gateway.book.exhausted()).toEqual(['a-id']);
});

test.each([
  [2, 500],
  [3, 300],
])('%i gateways at %i calls a second overshoot by less than a second of their spend', async (count, perSecond) => {
  world.setBudget({ limit: '0.05' });
  const gateways: WorldGateway[] = [];
  for (let each = 0; each < count; each++) gateways.push(await gatewayOf(routeOf('a')));
  await load(10, perSecond, gateways);
  await settle();
  const second = count * perSecond * CALL;
  expect(Number(world.total)).toBeLessThanOrEqual(0.05 * DOLLAR + second / 4);
  // Nor does anybody refuse for long what there is money for.
  expect(Number(world.total)).toBeGreaterThan(0.05 * DOLLAR * 0.98);
});

test('a gateway that dies takes nothing along but what it had not written', async () => {
  world.setBudget({ limit: '0.05' });
  const [one, two] = [await gatewayOf(routeOf('a')), await gatewayOf(routeOf('a'))];
  await load(2, 500, [one, two]);
  await one.close();
  const again = await gatewayOf(routeOf('a'));
  await load(8, 500, [again, two]);
  await settle();
  expect(Number(world.total)).toBeLessThanOrEqual(0.05 * DOLLAR + 1_000 * CALL * 0.5);
  expect(Number(world.total)).toBeGreaterThan(0.05 * DOLLAR * 0.95);
});

test('while the store is away it is counted on here, and stopped in time', async () => {
  world.setBudget({ limit: '0.05' });
  const gateway = await gatewayOf(routeOf('a'));
  await load(1, 1_000, [gateway]);
  world.away = true;
  await load(9, 1_000, [gateway]);
  expect(gateway.admitted).toBe(5_000);
  world.away = false;
  await settle();
  expect(world.total).toBe(BigInt(0.05 * DOLLAR));
});

test('critical functions go on when the others are stopped, to the limit itself', async () => {
  world.setBudget({ limit: '0.05', criticalShare: 20 });
  const [critical, other] = [routeOf('critical', { critical: true }), routeOf('other')];
  const gateway = await gatewayOf(critical, other);
  for (let call = 0; call < 5_000; call++) gateway.call(CALL, other);
  expect(gateway.admitted).toBe(4_000);
  for (let call = 0; call < 2_000; call++) gateway.call(CALL, critical);
  expect(gateway.admitted).toBe(5_000);
  await settle();
  expect(world.spent.get('critical-id')).toBe(BigInt(0.01 * DOLLAR));
});

test.each([
  { count: 1, everySeconds: 1, killedAt: null },
  { count: 1, everySeconds: 10, killedAt: 600 },
  { count: 2, everySeconds: 1, killedAt: null },
  { count: 2, everySeconds: 10, killedAt: null },
  { count: 2, everySeconds: 10, killedAt: 600 },
])(
  'critical functions have their share to the end, whatever they have cost before: $count gateway(s), warmth told of every $everySeconds s, killed at $killedAt',
  async ({ count, everySeconds, killedAt }) => {
    world.setBudget({ limit: '0.4', criticalShare: 10 });
    const [limit, share] = [0.4 * DOLLAR, 0.04 * DOLLAR];
    const openDoor = async () => {
      const [critical, other] = [routeOf('critical', { critical: true }), routeOf('other')];
      return { critical, other, gateway: await gatewayOf(critical, other) };
    };
    const doors: Awaited<ReturnType<typeof openDoor>>[] = [];
    for (let door = 0; door < count; door++) doors.push(await openDoor());
    // Each gateway keeps an instance of it, which costs more than its calls, and is told of late.
    const warmth = BigInt(count * everySeconds * 80 * CALL);
    const second = 1_020 * CALL + Number(warmth) / everySeconds;
    let refusedSince: number | null = null;
    let refusedCritical = 0;
    const step = async (index: number): Promise<void> => {
      const { critical, other, gateway } = doors[index % count] as (typeof doors)[number];
      const before = gateway.refused;
      for (let call = 0; call < 10; call++) gateway.call(CALL, other);
      if (gateway.refused > before) refusedSince ??= index;
      if (index % 5 === 0 && !gateway.call(CALL, critical)) refusedCritical++;
      if (index % (100 * everySeconds) === 0) {
        world.spent.set('critical-id', (world.spent.get('critical-id') ?? 0n) + warmth);
      }
      await jest.advanceTimersByTimeAsync(10);
    };
    for (let index = 1; refusedSince === null && index < 6_000; index++) {
      if (index === killedAt) {
        // What it had not written is lost with it.
        await doors[0]?.gateway.close();
        doors[0] = await openDoor();
      }
      await step(index);
    }
    const stopped = refusedSince ?? 0;
    expect(stopped).toBeGreaterThan(1_000);
    expect(Number(world.spent.get('critical-id') ?? 0n)).toBeGreaterThan(share * 0.4 * count);
    // A tenth of the limit, less a second of what all spend, lasts for so long.
    const lasts = Math.floor((share - second) / (20 * CALL + Number(warmth) / everySeconds)) - everySeconds;
    for (let index = stopped + 1; index < stopped + 100 * lasts; index++) await step(index);
    expect(refusedCritical).toBe(0);
    for (let index = 0; index < 6_000 && refusedCritical === 0; index++) await step(index);
    await settle();
    expect(refusedCritical).toBeGreaterThan(0);
    expect(Number(world.total)).toBeLessThanOrEqual(limit + second + Number(warmth));
  },
);

test('a raised budget serves at once, and a period that turns begins anew', async () => {
  world.setBudget({ limit: '0.01', period: 'daily' });
  const gateway = await gatewayOf(routeOf('a'));
  await load(2, 1_000, [gateway]);
  expect(gateway.call(CALL)).toBe(false);
  world.setBudget({ limit: '0.02', period: 'daily' });
  await jest.advanceTimersByTimeAsync(0);
  expect(gateway.call(CALL)).toBe(true);
  await load(2, 1_000, [gateway]);
  await settle();
  expect(gateway.call(CALL)).toBe(false);
  // The store's sum is that of the new day from then on.
  world.spent.clear();
  jest.setSystemTime(Date.UTC(2026, 4, 16, 0, 0, 1));
  await jest.advanceTimersByTimeAsync(200);
  expect(gateway.call(CALL)).toBe(true);
});

test('a threshold that is crossed has the workflow started at once, and again until it has decided', async () => {
  const record = world.setBudget({ limit: '0.05', alertAt: [90] });
  const gateway = await gatewayOf(routeOf('a'));
  await load(4, 1_000, [gateway]);
  expect(world.enforced).toHaveLength(0);
  const reachedAt = Date.now() + 500;
  await load(1, 1_000, [gateway]);
  const [first] = world.enforced;
  expect((first?.at ?? Infinity) - reachedAt).toBeLessThan(200);
  // What it decides by was written before.
  expect(world.total).toBeGreaterThanOrEqual(BigInt(0.045 * DOLLAR));
  expect(world.enforced.length).toBeGreaterThan(1);
  world.setState(record, { alerted: [90], steps: ['refuse'] });
  await jest.advanceTimersByTimeAsync(1_000);
  const asked = world.enforced.length;
  await load(3, 1_000, [gateway]);
  expect(world.enforced).toHaveLength(asked);
});

test('while queue is in force calls go one by one, those of critical functions as ever', async () => {
  const record = world.setBudget({ limit: '1' });
  const [critical, other] = [routeOf('critical', { critical: true }), routeOf('other')];
  const gateway = await gatewayOf(critical, other);
  expect(gateway.spendOf(other).share).toBeUndefined();
  world.setState(record, { steps: ['queue'] });
  await jest.advanceTimersByTimeAsync(0);
  expect(gateway.spendOf(other).share).toMatchObject({ max: 1 });
  expect(gateway.spendOf(critical).share).toBeUndefined();
  // Raised: what was decided by the old limit does not hold any more.
  world.setBudget({ limit: '2' });
  await jest.advanceTimersByTimeAsync(0);
  expect(gateway.spendOf(other).share).toBeUndefined();
});

test('calls under way are held against every budget, also against one that comes meanwhile', async () => {
  world.setBudget({ limit: '1' });
  const gateway = await gatewayOf(routeOf('a'));
  gateway.call(CALL);
  const spend = gateway.spendOf();
  const held = spend.enter();
  world.setBudget({ limit: '0.000001' }, 'small');
  await jest.advanceTimersByTimeAsync(20);
  expect(() => spend.enter()).toThrow('The budget "small" of acme allows 0.000001 USD a month, which is spent');
  spend.leave(held);
  await settle();
  expect(() => spend.enter()).toThrow('small');
});

test('budgets that nobody spends from are looked at rarely', async () => {
  world.setBudget({ limit: '1000' });
  await gatewayOf(routeOf('a'));
  const before = world.looks;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(world.looks - before).toBeLessThanOrEqual(13);
});
