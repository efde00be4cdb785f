import fc from 'fast-check';
import { dueAlerts, nextAlert } from '../../../core/budget/alerts';

const ALERT_AT = [50, 75, 90, 100];

test('what is reached is due, the lowest first, and no picodollar earlier', () => {
  expect(dueAlerts(ALERT_AT, { spent: 49n, limit: 100n }, [])).toEqual([]);
  expect(dueAlerts(ALERT_AT, { spent: 50n, limit: 100n }, [])).toEqual([50]);
  expect(dueAlerts([100, 50, 90, 75], { spent: 120n, limit: 100n }, [])).toEqual(ALERT_AT);
  expect(dueAlerts([33], { spent: 33n, limit: 101n }, [])).toEqual([]);
  expect(dueAlerts([33], { spent: 34n, limit: 101n }, [])).toEqual([33]);
});

test('in a period each percent is told of once, however spend and limit move', () => {
  const looks = fc.array(fc.record({ spent: fc.bigInt(0n, 1_000n), limit: fc.bigInt(1n, 500n) }), { maxLength: 60 });
  fc.assert(
    fc.property(looks, (each) => {
      const told: number[] = [];
      for (const look of each) {
        const due = dueAlerts(ALERT_AT, look, told);
        expect(due.every((percent) => look.spent * 100n >= look.limit * BigInt(percent))).toBe(true);
        told.push(...due);
        expect(dueAlerts(ALERT_AT, look, told)).toEqual([]);
      }
      expect(new Set(told).size).toBe(told.length);
    }),
  );
});

test('the next one is due at the spend that is said of it, and not before', () => {
  expect(nextAlert(ALERT_AT, 101n, [50])).toEqual({ percent: 75, at: 76n });
  expect(nextAlert(ALERT_AT, 100n, ALERT_AT)).toBeNull();
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 15n), fc.subarray(ALERT_AT), (limit, told) => {
      const next = nextAlert(ALERT_AT, limit, told);
      if (next === null) return expect(told).toEqual(ALERT_AT);
      expect(dueAlerts(ALERT_AT, { spent: next.at, limit }, told)).toContain(next.percent);
      expect(dueAlerts(ALERT_AT, { spent: next.at - 1n, limit }, told)).not.toContain(next.percent);
    }),
  );
});
