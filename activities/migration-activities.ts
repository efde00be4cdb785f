import { isolationOf } from '../core/function/isolation';
import type { MigrationReason, MigrationState } from '../core/control/migration-state';
import { PlatformError } from '../core/error/platform-error';
import { checkMigration } from '../core/migration/check-migration';
import type { PlacedShare } from '../core/migration/shifted-shares';
import { migrationFacts } from '../drivers/store/migration-facts';
import type { MigrationPhase } from '../drivers/store/placement-store';
import type { ActivityDependencies } from './dependencies';
import { refOf } from './find-revision';
import type { RevisionRef } from './revision-ref';

/** A migration that may begin. */
export interface PlannedMigration {
  readonly functionId: string;
  readonly from: string;
  readonly to: string;
  /** Where it is placed before. */
  readonly shares: readonly PlacedShare[];
  /** Of the placement; 0: it has none. */
  readonly generation: number;
  /** Revisions that serve. */
  readonly refs: readonly RevisionRef[];
  /** The node that it leaves is gone: nothing there can be asked or drained. */
  readonly fromLost: boolean;
}

/** A move as somebody wants it. */
interface AskedMigration {
  readonly tenant: string;
  readonly function: string;
  readonly from?: string | undefined;
  readonly to: string;
  readonly reason: MigrationReason;
  readonly workflowId: string;
}

/** Checks migrations and keeps their records. */
export function migrationActivities({ store, cluster, agent, now }: ActivityDependencies) {
  return {
    /** The record to report to: the given one, or a new one under the run's id. */
    async openMigration(
      input: AskedMigration & { readonly runId: string; readonly migrationId?: string | undefined },
    ): Promise<string> {
      const { tenant, function: name, from = null, to, reason, workflowId } = input;
      const id = input.migrationId ?? input.runId;
      if (!(await store.findMigration(tenant, id))) {
        await store.createMigration({ id, tenant, function: name, from, to, reason, workflowId });
      }
      return id;
    },

    /** Says how it can be done, or refuses it, before anything moves. @throws PlatformError with every problem */
    async checkMigration(input: AskedMigration): Promise<PlannedMigration> {
      const { tenant, function: name, from, to, reason, workflowId } = input;
      const fn = await store.findFunction(tenant, name);
      if (!fn) {
        throw new PlatformError('function_not_found', `There is no function ${tenant}/${name}`, {
          hint: 'Deploy it first: presage deploy DIR',
        });
      }
      const nodes = await cluster.nodes();
      const asked = nodes.map((node) => ({
        ...node,
        isolation: isolationOf(node.labels),
        stats: async () => (await agent(node.name)).stats(),
      }));
      const wish = { fn, from, to, reason, ownWorkflow: workflowId };
      const { facts, serving, generation } = await migrationFacts(store, asked, wish);
      const route = checkMigration(facts);
      const source = nodes.find((node) => node.name === route.from);
      return {
        functionId: fn.id,
        from: route.from,
        to,
        shares: route.shares,
        generation,
        refs: serving.map(refOf),
        fromLost: reason === 'node-lost' || !source || source.state === 'lost',
      };
    },

    /** All phases so far; with an event where others are to hear of it. */
    async reportMigration(input: {
      migration: string;
      tenant: string;
      function: string;
      from: string;
      to: string;
      phases: readonly MigrationPhase[];
      event?: 'started' | 'shifted' | undefined;
    }): Promise<void> {
      const { migration, tenant, function: name, from, to, phases, event } = input;
      await store.updateMigration(migration, { from, phases });
      if (!event) return;
      await store.writeEvents([
        {
          at: new Date(now()),
          tenant,
          type: `migration.${event}`,
          function: name,
          node: to,
          data: { migration, from, to },
        },
      ]);
    },

    async closeMigration(input: {
      migration: string;
      tenant: string;
      function: string;
      to: string;
      phases: readonly MigrationPhase[];
      state: Exclude<MigrationState, 'running'>;
      error: string | null;
    }): Promise<void> {
      const { migration, tenant, function: name, to, phases, state, error } = input;
      await store.updateMigration(migration, { phases, state, error });
      if (state === 'refused') return;
      const type = `migration.${state}`;
      const at = new Date(now());
      await store.writeEvents([{ at, tenant, type, function: name, node: to, data: { migration, to, error } }]);
    },
  };
}
