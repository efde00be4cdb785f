import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { machinePrices } from '../../../core/cost/price-presets';

const table = (settings: object) => priceTableOf(costSettingsSchema.parse(settings));

test('a preset is dated, and says when it was changed', () => {
  expect(table({})).toMatchObject({ name: 'aws-lambda', asOf: '2025-11-01', tiers: { edge: { request: 0.2 } } });
  const changed = table({ prices: { request: 1 }, tiers: { edge: { request: '2', cpuSecond: 5 } } });
  expect(changed.source).toMatch(/; changed by the configuration$/);
  expect(changed.tiers.edge).toMatchObject({ request: 2, cpuSecond: 5, gbSecondRunning: 16.6667 });
  expect(changed.tiers.central).toMatchObject({ request: 1, cpuSecond: 0 });
});

test('a machine of one’s own that is fully used earns what it costs', () => {
  const machine = {
    ...{ dollarsPerMonth: 90, cores: 4, memoryGb: 16, cpuShare: 0.4 },
    ...{ dollarsPerTransferredGb: 0.01, dollarsPerStoredGbMonth: 0.02 },
  };
  const { cpuSecond, gbSecondRunning, checkpointGbMonth } = machinePrices(machine);
  const month = 30 * 86_400;
  expect((4 * cpuSecond + 16 * gbSecondRunning) * month).toBeCloseTo(90e6, 0);
  expect(checkpointGbMonth).toBe(20_000);
  expect(table({ preset: 'own-machine', machine }).tiers.regional.cpuSecond).toBe(cpuSecond);
});

test('names everything that is wrong with it', () => {
  const { error } = costSettingsSchema.safeParse({ preset: 'azure', prices: { request: -1, gigabyte: 3 } });
  const problems = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
  expect(problems).toMatch(/preset: .*own-machine/);
  expect(problems).toMatch(/prices.request: a price is not negative/);
  expect(problems).toMatch(/prices: .*gigabyte/);
});
