import { PlatformError } from '../../core/error/platform-error';
import { checkPlacedNodes } from '../../core/routing/placed-nodes';
import {
  MIGRATION_SECONDS,
  type MigrationFigures,
  type MigrationRecord,
  type PlacementRecord,
  type PlacementStore,
} from '../../drivers/store/placement-store';
import { memoryPage } from './memory-list';

export function memoryPlacements(world: {
  readonly now: () => Date;
  readonly isLive: (functionId: string) => boolean;
  readonly routesChanged: (functionId: string) => void;
}): PlacementStore {
  const placements = new Map<string, PlacementRecord>();
  const migrations: MigrationRecord[] = [];
  const { now, isLive, routesChanged } = world;
  return {
    placementOf: async (functionId) => placements.get(functionId) ?? null,
    setPlacement: async (functionId, nodes, { ifGeneration, fence } = {}) => {
      checkPlacedNodes(nodes);
      if (!isLive(functionId)) throw new PlatformError('not_found', 'The function does not exist any more');
      const old = placements.get(functionId);
      const generation = old?.generation ?? 0;
      const holds = ifGeneration === undefined ? (old?.fence ?? null) === null : ifGeneration === generation;
      if (!holds) throw new PlatformError('precondition_failed', 'The placement has changed');
      const next = {
        functionId,
        generation: generation + 1,
        nodes: structuredClone(nodes),
        fence: fence ?? null,
        updatedAt: now(),
      };
      placements.set(functionId, next);
      routesChanged(functionId);
      return next;
    },
    createMigration: async (input) => {
      if (migrations.some(({ id }) => id === input.id)) throw new PlatformError('conflict', 'The migration exists');
      const row: MigrationRecord = {
        ...input,
        state: 'running',
        phases: [],
        error: null,
        createdAt: now(),
        endedAt: null,
      };
      migrations.push(row);
      return row;
    },
    updateMigration: async (id, change) => {
      const index = migrations.findIndex((row) => row.id === id);
      const row = migrations[index];
      if (!row) throw new PlatformError('not_found', `There is no migration ${id}`);
      if (row.endedAt) return;
      const ended = change.state !== undefined && change.state !== 'running';
      migrations[index] = { ...row, ...change, ...(ended ? { endedAt: now() } : {}) };
    },
    findMigration: async (tenant, id) => migrations.find((row) => row.tenant === tenant && row.id === id) ?? null,
    migrations: async (query) => {
      const found = migrations.filter(
        (row) =>
          row.tenant === query.tenant &&
          (query.function === undefined || row.function === query.function) &&
          (query.state === undefined || row.state === query.state),
      );
      return memoryPage('migrations', found.reverse(), query, (row) => row.id);
    },
    migrationFigures: async () =>
      (['completed', 'refused', 'rolled-back'] as const).flatMap((outcome): MigrationFigures[] => {
        const took = migrations
          .filter((row) => row.state === outcome)
          .map((row) => ((row.endedAt?.getTime() ?? 0) - row.createdAt.getTime()) / 1_000);
        if (took.length === 0) return [];
        return [
          {
            outcome,
            count: took.length,
            seconds: took.reduce((sum, seconds) => sum + seconds, 0),
            buckets: MIGRATION_SECONDS.map((bound) => took.filter((seconds) => seconds <= bound).length),
          },
        ];
      }),
  };
}
