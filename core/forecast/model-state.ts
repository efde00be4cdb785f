/**
 * What became of a trained model: it forecasts, it did and another took its place, it did not pass the gate, or its artefact
 * cannot be read.
 */
export const FORECAST_MODEL_STATES = ['deployed', 'superseded', 'rejected', 'corrupt'] as const;
export type ForecastModelState = (typeof FORECAST_MODEL_STATES)[number];
