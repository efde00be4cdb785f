import type { MigrationReason, MigrationState } from '../../core/control/migration-state';
import type { Page, PageQuery } from './store';

/** A node that a function is placed on. */
export interface PlacedNode {
  readonly node: string;
  /** Share of its traffic, 0 to 100; 0: it holds instances but gets no traffic. */
  readonly weight: number;
}

/** Where a function runs. One without a record may run on any ready node. */
export interface PlacementRecord {
  readonly functionId: string;
  /** Grows by one with each change. */
  readonly generation: number;
  /** The weights sum to 100. */
  readonly nodes: readonly PlacedNode[];
  /** Who is changing it in several steps, `WORKFLOW_ID/RUN_ID`; null when nobody is. */
  readonly fence: string | null;
  readonly updatedAt: Date;
}

/** A step of a migration; `endedAt` null while it is under way. */
export interface MigrationPhase {
  readonly step: string;
  /** ISO times. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly note: string | null;
}

/** One move of a function from a node to another. */
export interface MigrationRecord {
  readonly id: string;
  readonly tenant: string;
  readonly function: string;
  readonly from: string | null;
  readonly to: string;
  readonly reason: MigrationReason;
  readonly state: MigrationState;
  readonly phases: readonly MigrationPhase[];
  readonly error: string | null;
  readonly workflowId: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** Upper bounds of the buckets in which durations of migrations are counted, seconds. */
export const MIGRATION_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600] as const;

/** Migrations that ended one way. */
export interface MigrationFigures {
  readonly outcome: Exclude<MigrationState, 'running'>;
  readonly count: number;
  readonly seconds: number;
  /** Those that took at most so many seconds, by `MIGRATION_SECONDS`. */
  readonly buckets: readonly number[];
}

export interface PlacementStore {
  placementOf(functionId: string): Promise<PlacementRecord | null>;
  /**
   * Replaces where the function runs, and tells `routes`. With `ifGeneration` only if it is still of that generation (0: it
   * has no placement yet); without it only as long as nobody holds a fence.
   * @param options.fence who goes on changing it; left out: nobody
   * @throws PlatformError precondition_failed; invalid_argument for weights that are not whole numbers that sum to 100 or a
   * node named twice; not_found for an unknown function
   */
  setPlacement(
    functionId: string,
    nodes: readonly PlacedNode[],
    options?: { readonly ifGeneration?: number; readonly fence?: string },
  ): Promise<PlacementRecord>;

  /** @throws PlatformError conflict when the id exists */
  createMigration(
    input: Pick<MigrationRecord, 'id' | 'tenant' | 'function' | 'from' | 'to' | 'reason' | 'workflowId'>,
  ): Promise<MigrationRecord>;
  /** The end states set `endedAt`; one that has ended stays as it is. @throws PlatformError not_found */
  updateMigration(
    id: string,
    change: {
      readonly from?: string | null;
      readonly state?: MigrationState;
      readonly phases?: readonly MigrationPhase[];
      readonly error?: string | null;
    },
  ): Promise<void>;
  findMigration(tenant: string, id: string): Promise<MigrationRecord | null>;
  /** Newest first. */
  migrations(
    query: {
      readonly tenant: string;
      readonly function?: string | undefined;
      readonly state?: MigrationState | undefined;
    } & PageQuery,
  ): Promise<Page<MigrationRecord>>;
  /** All that ever ended, those of which nothing else is kept any more as well. */
  migrationFigures(): Promise<readonly MigrationFigures[]>;
}
