/** The life of an instance on a node. `leased` and `idle` are hot, `frozen` is warm. */
export const INSTANCE_STATES = [
  'starting',
  'leased',
  'idle',
  'freezing',
  'frozen',
  'checkpointing',
  'stopping',
  'gone',
] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

/** Why an instance ended. `drain`: its node was emptied while it goes on; `stopped`: its node stopped in order. */
export const REMOVAL_REASONS = [
  'expired',
  'evicted',
  'deploy',
  'migration',
  'drain',
  'stopped',
  'crashed',
  'deleted',
  'node-lost',
  'failed',
] as const;
export type RemovalReason = (typeof REMOVAL_REASONS)[number];
