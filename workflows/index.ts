export { checkpointLifecycle } from './checkpoint-lifecycle';
export { deployFunction } from './deploy-function';
export { forecastShard } from './forecast-shard';
export { retrainModels } from './retrain-models';
export { warmPools } from './warm-pools';
