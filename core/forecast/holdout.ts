const DAY = 1_440;
/** Of a short history a quarter, so that enough is left to learn from. */
const LARGEST_SHARE = 0.25;

/** How a history is split in time: what is trained on, what the spread of forecasts is calibrated on, what models are judged by. */
export interface PastParts {
  /** Index of the first count that nothing is trained on. */
  readonly trained: number;
  /** Index of the first count that nothing is calibrated on either: the holdout. */
  readonly calibrated: number;
}

/** The last day is the holdout and the day before for calibration, or a quarter each of a history that is short. */
export function partsOf(length: number): PastParts {
  const part = Math.min(DAY, Math.floor(length * LARGEST_SHARE));
  return { trained: length - 2 * part, calibrated: length - part };
}
