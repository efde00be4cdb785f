export { checkpointLifecycle } from './checkpoint-lifecycle';
export { deployFunction } from './deploy-function';
export { warmPools } from './warm-pools';
