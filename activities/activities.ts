import { adviceActivities } from './advice-activities';
import { aliasActivities } from './alias-activities';
import { applyingActivities } from './applying-activities';
import { asActivity } from './as-activity';
import { budgetActivities } from './budget-activities';
import { alertActivities } from './alert-activities';
import { checkpointActivities } from './checkpoint-activities';
import { courtActivities } from './court-activities';
import type { ActivityDependencies } from './dependencies';
import { deploymentActivities } from './deployment-activities';
import { forecastDataActivities } from './forecast-data-activities';
import { instanceActivities } from './instance-activities';
import { judgingActivities } from './judging-activities';
import { ledgerActivities } from './ledger-activities';
import { migrationActivities } from './migration-activities';
import { moveActivities } from './move-activities';
import { optimizingActivities } from './optimizing-activities';
import { placementActivities } from './placement-activities';
import { nodeActivities } from './node-activities';
import { retrainingEndActivities } from './retraining-end-activities';
import { revisionActivities } from './revision-activities';
import { shipActivities } from './ship-activities';
import { trainingActivities } from './training-activities';
import { warmingActivities } from './warming-activities';

function allActivities(dependencies: ActivityDependencies) {
  return {
    ...revisionActivities(dependencies),
    ...deploymentActivities(dependencies),
    ...aliasActivities(dependencies),
    ...instanceActivities(dependencies),
    ...checkpointActivities(dependencies),
    ...placementActivities(dependencies),
    ...migrationActivities(dependencies),
    ...optimizingActivities(dependencies),
    ...moveActivities(dependencies),
    ...shipActivities(dependencies),
    ...warmingActivities(dependencies),
    ...courtActivities(dependencies),
    ...adviceActivities(dependencies),
    ...applyingActivities(dependencies),
    ...nodeActivities(dependencies),
    ...budgetActivities(dependencies),
    ...alertActivities(dependencies),
    ...forecastDataActivities(dependencies),
    ...trainingActivities(dependencies),
    ...judgingActivities(dependencies),
    ...ledgerActivities(dependencies),
    ...retrainingEndActivities(dependencies),
  };
}

/** What workflows may do; they import this type only. */
export type Activities = ReturnType<typeof allActivities>;

/** All activities, with heartbeats and failures as Temporal wants them. */
export function createActivities(dependencies: ActivityDependencies): Activities {
  const wrapped = Object.entries(allActivities(dependencies)).map(([name, work]) => [
    name,
    asActivity(work as (input: unknown) => Promise<unknown>),
  ]);
  return Object.fromEntries(wrapped) as Activities;
}
