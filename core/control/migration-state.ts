/** Who or what asks for a migration. `node-lost`: the node that the function leaves is gone, with all that ran there. */
export const MIGRATION_REASONS = ['person', 'placement', 'drain', 'node-lost'] as const;
export type MigrationReason = (typeof MIGRATION_REASONS)[number];

/** A migration's life; `refused`: nothing was moved, because it could not be. */
export const MIGRATION_STATES = ['running', 'completed', 'rolled-back', 'refused'] as const;
export type MigrationState = (typeof MIGRATION_STATES)[number];
