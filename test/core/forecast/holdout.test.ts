import { partsOf } from '../../../core/forecast/holdout';

test('a long past gives its last days, a short one quarters', () => {
  expect(partsOf(20_160)).toEqual({ trained: 17_280, calibrated: 18_720 });
  expect(partsOf(1_440)).toEqual({ trained: 720, calibrated: 1_080 });
  expect(partsOf(0)).toEqual({ trained: 0, calibrated: 0 });
});
