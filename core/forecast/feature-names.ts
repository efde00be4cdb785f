import type { Features } from './features';

/** What the network sees of a function besides its counts and the members' forecasts. */
export const FEATURE_NAMES: readonly (keyof Features)[] = [
  'hourOfDay',
  'dayOfWeek',
  'isWeekend',
  'mean5',
  'mean15',
  'mean60',
  'deviation60',
  'trend',
  'seasonal',
  'residual',
  'lag1',
  'lag2',
  'lag3',
  'sinceLast',
];
