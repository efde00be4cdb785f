import { aliasActivities } from './alias-activities';
import { asActivity } from './as-activity';
import { checkpointActivities } from './checkpoint-activities';
import { courtActivities } from './court-activities';
import type { ActivityDependencies } from './dependencies';
import { deploymentActivities } from './deployment-activities';
import { forecastDataActivities } from './forecast-data-activities';
import { instanceActivities } from './instance-activities';
import { judgingActivities } from './judging-activities';
import { retrainingEndActivities } from './retraining-end-activities';
import { revisionActivities } from './revision-activities';
import { trainingActivities } from './training-activities';
import { warmingActivities } from './warming-activities';

function allActivities(dependencies: ActivityDependencies) {
  return {
    ...revisionActivities(dependencies),
    ...deploymentActivities(dependencies),
    ...aliasActivities(dependencies),
    ...instanceActivities(dependencies),
    ...checkpointActivities(dependencies),
    ...warmingActivities(dependencies),
    ...courtActivities(dependencies),
    ...forecastDataActivities(dependencies),
    ...trainingActivities(dependencies),
    ...judgingActivities(dependencies),
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
