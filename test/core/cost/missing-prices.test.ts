import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { tiersWithoutPrices } from '../../../core/cost/missing-prices';

const missing = (settings: object): readonly string[] =>
  tiersWithoutPrices(priceTableOf(costSettingsSchema.parse(settings)));

test('presets have prices for every tier', () => {
  for (const preset of ['aws-lambda', 'google-cloud-run', 'own-machine']) expect(missing({ preset })).toEqual([]);
});

test('a tier on which calls cost nothing is named; one price is enough', () => {
  const free = { request: 0, cpuSecond: 0, gbSecondRunning: 0 };
  expect(missing({ prices: free })).toEqual(['edge', 'regional', 'central']);
  expect(missing({ tiers: { edge: free } })).toEqual(['edge']);
  expect(missing({ tiers: { edge: { ...free, request: 0.1 } } })).toEqual([]);
});
