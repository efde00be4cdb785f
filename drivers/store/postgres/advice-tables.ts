import type { ColumnType, Generated } from 'kysely';
import type { Confidence, Evidence } from '../../../core/cost/advice/advice';
import type { AdviceChange } from '../../../core/cost/advice/advice-change';
import type { MemoryLooks } from '../../../core/cost/advice/memory-looks';
import type { AdviceState } from '../advice-store';
import type { StrategyName } from '../../../core/cost/advice/strategies';

type Json<T> = ColumnType<T, string, string>;

/** What is kept for recommendations. */
export interface AdviceTables {
  memoryHours: { revisionId: string; hour: Date; node: string; incarnation: string; looks: Json<MemoryLooks> };
  recommendations: {
    id: string;
    strategy: StrategyName;
    tenant: string | null;
    function: string | null;
    title: string;
    evidence: Json<readonly Evidence[]>;
    /** Decimal digits: more than a number holds. */
    monthlySaving: string;
    confidence: Confidence;
    change: Json<AdviceChange>;
    state: Generated<AdviceState>;
    reason: string | null;
    foundAt: Date;
    appliedBy: string | null;
    appliedAt: Date | null;
    decidedAt: Date | null;
    workflowId: string | null;
  };
}
