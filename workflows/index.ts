export { checkpointLifecycle } from './checkpoint-lifecycle';
export { deployFunction } from './deploy-function';
export { forecastShard } from './forecast-shard';
export { judgePolicies } from './judge-policies';
export { retrainModels } from './retrain-models';
export { warmPools } from './warm-pools';
