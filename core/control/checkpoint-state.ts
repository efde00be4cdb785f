/** A checkpoint's life: `quarantined` after two failed restores. */
export const CHECKPOINT_STATES = ['making', 'ready', 'quarantined', 'deleted'] as const;
export type CheckpointState = (typeof CHECKPOINT_STATES)[number];
