import type { ColumnType } from 'kysely';
import type { PlacementPlan } from '../../../core/plan/placement-plan';
import type { DeclaredPolicy } from '../declared-policy-store';
import type { MoveOutcome } from '../placement-decision-store';

/** Tables of what placement looks at and decides, with columns in camelCase. */
export interface PlacementTables {
  trafficHours: TrafficColumns & { functionId: string; region: string };
  callHours: TrafficColumns & { callerId: string; calleeId: string };
  placementDecisions: {
    id: string;
    at: Date;
    tenant: string | null;
    workflowId: string;
    dryRun: boolean;
    moves: number;
    plan: ColumnType<Omit<PlacementPlan, 'assignment'>, string, string>;
    assignment: ColumnType<PlacementPlan['assignment'] | null, string | null, string | null>;
    outcomes: ColumnType<readonly MoveOutcome[] | null, never, string>;
  };
  declaredPolicies: DeclaredPolicyColumns;
  placementFigures: { name: string; value: number };
  migrationFigures: { name: string; value: number };
}

interface DeclaredPolicyColumns extends Omit<DeclaredPolicy, 'spec'> {
  readonly spec: ColumnType<unknown, string, string>;
}

interface TrafficColumns {
  hour: Date;
  tenant: string;
  calls: number;
  asyncCalls: number;
  bytesIn: number;
  bytesOut: number;
  latencies: ColumnType<Record<string, number>, string, string>;
}
