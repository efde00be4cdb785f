import { checkpointRetention } from '../../../../core/cost/advice/checkpoint-retention';
import { DAY_MS, facts, observed } from './observed';

it('lets a checkpoint go that costs more than the waits that it spares', () => {
  const idle = observed({ restores: 0, sealedBytes: 5e9 });
  const [advice] = checkpointRetention.advise(facts([idle]));
  expect(advice).toMatchObject({ change: { set: { checkpoint: 'never' } }, confidence: 'medium' });
  expect(Number(advice?.monthlySaving) / 1e6).toBeCloseTo(5 * 23_000, 3);
});

it('keeps one that is used, one that is not there, and all of them after less than a day', () => {
  expect(checkpointRetention.advise(facts([observed({ sealedBytes: 5e9 })]))).toEqual([]);
  expect(checkpointRetention.advise(facts([observed({ restores: 0, sealedBytes: 0 })]))).toEqual([]);
  expect(checkpointRetention.advise(facts([observed({ restores: 0, checkpoint: 'never' })]))).toEqual([]);
  const idle = observed({ restores: 0, sealedBytes: 5e9 });
  expect(checkpointRetention.advise(facts([idle], { windowMs: DAY_MS / 2 }))).toEqual([]);
});
