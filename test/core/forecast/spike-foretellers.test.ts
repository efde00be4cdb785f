import { SpikeForetellers } from '../../../core/forecast/spike-foretellers';

const at = (...steps: number[]): number[] => Array.from({ length: 10 }, (_, step) => (steps.includes(step) ? 9 : 0));

test('believes the member that foretold spikes, and the minutes beside them a little', () => {
  const spikes = new SpikeForetellers(2);
  for (let i = 0; i < 20; i++) spikes.learn(at(4), [at(4), at()], 5);
  const share = spikes.share([at(2), at(7)], 5);
  expect(share[2]).toBeCloseTo(2 / 3, 2);
  expect(share[1]).toBeCloseTo(1 / 3, 2);
  expect(share[7]).toBeLessThan(0.01);
});

test('one minute off is right; a false alarm costs as much as a spike that was missed', () => {
  const spikes = new SpikeForetellers(3);
  for (let i = 0; i < 20; i++) spikes.learn(at(4), [at(5), at(), at(4, 8)], 5);
  const share = spikes.share([at(0), at(4), at(8)], 5);
  expect(share[0]).toBeGreaterThan(0.5);
  expect(share[4]).toBeCloseTo(share[8] as number, 6);
});
