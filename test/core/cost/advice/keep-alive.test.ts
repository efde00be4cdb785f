import { keepAlive } from '../../../../core/cost/advice/keep-alive';
import { evidence, facts } from './observed';

const advise = (...policies: ReturnType<typeof evidence>[]) => keepAlive.advise(facts([], { policies }));

it('advises the policy that is cheapest among those that let no more calls come late', () => {
  const live = evidence('fixed:10m');
  const better = evidence('presage', { frozen: 8_000, lateShare: 0.01, coldShare: 0.01, waitedSeconds: 100 });
  const late = evidence('fixed:2m', { frozen: 2_000, lateShare: 0.03, waitedSeconds: 300 });
  const dearer = evidence('hybrid-histogram:4h', { frozen: 12_000, lateShare: 0, waitedSeconds: 50 });
  const [advice] = advise(live, late, better, dearer);
  expect(advice).toMatchObject({
    tenant: null,
    change: { kind: 'policy', from: 'fixed:10m', to: 'presage' },
    confidence: 'high',
  });
  // Thirty days of 2,000 GB·s a day, frozen.
  expect(Number(advice?.monthlySaving) / 1e6).toBeCloseTo(30 * 2_000 * 4.1667, 3);
});

it('does not trade warmth for waits that are worth more', () => {
  const slow = evidence('none', { frozen: 0, lateShare: 0, waitedSeconds: 250 });
  expect(advise(evidence('fixed:10m', { lateShare: 0 }), slow)).toEqual([]);
});

it('says nothing of few calls, of nothing to compare, and of savings that are noise', () => {
  expect(advise()).toEqual([]);
  expect(advise(evidence('fixed:10m'))).toEqual([]);
  expect(advise(evidence('fixed:10m', { calls: 99 }), evidence('presage', { frozen: 1 }))).toEqual([]);
  expect(advise(evidence('fixed:10m'), evidence('presage', { frozen: 9_900 }))).toEqual([]);
});

it('counts credits for late calls as the ledger does: more warmth may be cheaper', () => {
  const live = evidence('fixed:10m', { lateSeconds: 190 });
  const ready = evidence('presage', { frozen: 20_000, lateShare: 0.001, lateSeconds: 10, waitedSeconds: 20 });
  const [advice] = advise(live, ready);
  expect(advice).toMatchObject({ change: { to: 'presage' } });
  expect(Number(advice?.monthlySaving) / 1e6).toBeCloseTo(30 * (180 * 10_000 - 10_000 * 4.1667), 2);
});
