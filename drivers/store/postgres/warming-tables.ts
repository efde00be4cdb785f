import type { ColumnType, Generated } from 'kysely';
import type { WindowPrice } from '../../../core/warming/policy-trial';
import type { PolicyVerdictRecord } from '../policy-store';
import type { WarmthRecord } from '../warming-store';

type Json<T> = ColumnType<T, string, string>;

/** What is decided about warmth, what was held, and which policy decides, with columns in camelCase. */
export interface WarmingTables {
  policyTrial: {
    single: Generated<boolean>;
    live: string;
    challenger: string | null;
    previous: string | null;
    probation: number;
    reverted: readonly string[];
    generation: number;
    updatedAt: Generated<Date>;
  };
  policyVerdicts: {
    runId: string;
    workflowId: string;
    at: ColumnType<Date, Date | undefined, never>;
    windowFrom: Date;
    windowTo: Date;
    decision: PolicyVerdictRecord['decision'];
    reason: string;
    prices: Json<readonly WindowPrice[]>;
  };
  heldMinutes: {
    functionId: string;
    minute: Date;
    node: string;
    pricing: string;
    tenant: string | null;
    function: string;
    runningByteMs: string;
    frozenByteMs: string;
    sharedByteMs: string;
    costWarmth: string;
  };
  heldBatches: { id: string; at: ColumnType<Date, Date | undefined, never> };
  latestWarmth: WarmthColumns;
  warmingDecisions: WarmthColumns;
  warmingFigures: { name: string; value: number };
}

type WarmthColumns = Omit<WarmthRecord, 'steps' | 'granted' | 'keepAlive' | 'uses'> & {
  steps: Json<WarmthRecord['steps']>;
  granted: Json<WarmthRecord['granted']>;
  keepAlive: number[];
  uses: number[];
};
