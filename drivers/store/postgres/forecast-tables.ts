import type { ColumnType, Generated } from 'kysely';
import type { ForecastModelState } from '../../../core/forecast/model-state';
import type { LatestForecastRecord } from '../forecast-store';

/** A jsonb column: read as a value, written as JSON text. */
type Json<T> = ColumnType<T, string, string>;

/** Models, what they have said, and the steps of their training. */
export interface ForecastTables {
  forecastModels: {
    functionId: string;
    id: string;
    tenant: string | null;
    function: string | null;
    state: ForecastModelState;
    reason: string;
    parent: string | null;
    network: string | null;
    windowFrom: Date;
    windowTo: Date;
    dataDigest: string;
    features: string[];
    members: string[];
    metrics: Json<Record<string, number | null>>;
    workflowId: string;
    runId: string;
    createdAt: ColumnType<Date, Date | undefined, never>;
  };
  forecasts: ForecastColumns;
  latestForecasts: ForecastColumns & {
    members: Json<LatestForecastRecord['members']>;
    features: Json<LatestForecastRecord['features']>;
    hourWape: number | null;
  };
  trainingSteps: { run: string; step: string; artefact: string; computed: Generated<number>; at: Generated<Date> };
  forecastFigures: { name: string; value: number };
}

interface ForecastColumns {
  functionId: string;
  at: Date;
  modelId: string | null;
  spoke: string;
  mean: number[];
  median: number[];
  quantiles: number[];
  total: number[];
  spike: number[];
  alarms: boolean[];
}
