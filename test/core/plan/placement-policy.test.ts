import { placementPolicySpecSchema, underPolicy } from '../../../core/plan/placement-policy';
import { placementSettingsSchema } from '../../../core/plan/placement-settings';

const settings = placementSettingsSchema.parse({ threshold: 0.3, weights: { data: 2 } });

test('what a policy says counts, and what it leaves out is as configured', () => {
  expect(underPolicy(settings, placementPolicySpecSchema.parse({}))).toEqual(settings);
  const policy = placementPolicySpecSchema.parse({ enabled: false, weights: { user: 3 }, rest: '2h', maxMoves: 4 });
  expect(underPolicy(settings, policy)).toEqual({
    ...settings,
    enabled: false,
    weights: { ...settings.weights, user: 3 },
    rest: 7_200_000,
    maxMoves: 4,
  });
});

test.each([{ maxMoves: 0 }, { rest: 'soon' }, { weights: { user: -1 } }, { window: '1h' }])('%j is refused', (spec) => {
  expect(placementPolicySpecSchema.safeParse(spec).success).toBe(false);
});
