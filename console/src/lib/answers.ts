/** What the API answers, as its own schemas say it. Types alone: nothing of the gateway comes into the browser. */
export type { BudgetAlertView, BudgetForecastView, BudgetView } from '../../../gateway/api/budget-view';
export type { CostSearchView } from '../../../gateway/api/routes/advice-routes';
export type { AdviceView } from '../../../gateway/api/routes/advice-view';
export type { AliasView } from '../../../gateway/api/routes/aliases-routes';
export type { AsyncDetailView, AsyncView } from '../../../gateway/api/routes/async-view';
export type { AuditView } from '../../../gateway/api/routes/audit-routes';
export type { CheckpointView } from '../../../gateway/api/routes/checkpoints-routes';
export type { CodeView } from '../../../gateway/api/routes/code-routes';
export type { InvocationCostView, PriceTableView } from '../../../gateway/api/routes/cost-routes';
export type { MinuteCountView } from '../../../gateway/api/routes/counts-routes';
export type { CourtCaseView, CourtSummaryView } from '../../../gateway/api/routes/court-routes';
export type { DeploymentView } from '../../../gateway/api/routes/deployments-routes';
export type { StartExplanationView } from '../../../gateway/api/routes/explanation-routes';
export type { ForecastAccuracyView, ForecastView } from '../../../gateway/api/routes/forecast-routes';
export type { DeployAnswer, FunctionDetail, ListedFunction } from '../../../gateway/api/routes/functions-routes';
export type { InstanceView } from '../../../gateway/api/routes/instances-routes';
export type { InvocationView } from '../../../gateway/api/routes/invocations-routes';
export type { KeyView, NewKeyView } from '../../../gateway/api/routes/keys-routes';
export type { LedgerCheckView } from '../../../gateway/api/routes/ledger-check-routes';
export type { LedgerLineView, StatementView } from '../../../gateway/api/routes/ledger-routes';
export type { LogView } from '../../../gateway/api/routes/log-view';
export type { MigrationView } from '../../../gateway/api/routes/migrations-routes';
export type { NodeView } from '../../../gateway/api/routes/node-view';
export type { PlacementCostsView, PlanStateView } from '../../../gateway/api/routes/placement-plans-routes';
export type { PlacementView } from '../../../gateway/api/routes/placement-routes';
export type { PlanView } from '../../../gateway/api/routes/placement-view';
export type { RevisionView } from '../../../gateway/api/routes/revisions-routes';
export type { SecretView } from '../../../gateway/api/routes/secrets-routes';
export type { StatusView } from '../../../gateway/api/routes/status-routes';
export type { TrafficMapView } from '../../../gateway/api/routes/traffic-routes';
export type { TriggerView } from '../../../gateway/api/routes/triggers-routes';
export type { WarmingView } from '../../../gateway/api/routes/warming-routes';
export type { WarmthView } from '../../../gateway/api/routes/warmth-routes';
export type { WorkflowsView } from '../../../gateway/api/routes/workflows-routes';

/** A page of a list. */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
