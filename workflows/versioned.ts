import type { WorkflowDefinitionOptions } from '@temporalio/common';
import { setWorkflowOptions } from '@temporalio/workflow';
import {
  adviseCosts,
  checkpointLifecycle,
  deliverAlert,
  enforceBudget,
  forecastShard,
  judgePolicies,
  keepLedger,
  optimizePlacement,
  retrainModels,
  warmPools,
} from '.';

/**
 * What is bundled for workers that carry their build; a server refuses such options from others. Workflows that schedules start
 * go on with the next build, which the recorded histories show to be able to: bound to a build whose workers are gone for good,
 * one run would hold up all that come after it. The others, which change things step by step, end on the build that they began with.
 */
const FOLLOWS_BUILDS: WorkflowDefinitionOptions = { versioningBehavior: 'AUTO_UPGRADE' };

setWorkflowOptions(FOLLOWS_BUILDS, warmPools);
setWorkflowOptions(FOLLOWS_BUILDS, checkpointLifecycle);
setWorkflowOptions(FOLLOWS_BUILDS, retrainModels);
setWorkflowOptions(FOLLOWS_BUILDS, forecastShard);
setWorkflowOptions(FOLLOWS_BUILDS, judgePolicies);
setWorkflowOptions(FOLLOWS_BUILDS, optimizePlacement);
setWorkflowOptions(FOLLOWS_BUILDS, enforceBudget);
setWorkflowOptions(FOLLOWS_BUILDS, deliverAlert);
setWorkflowOptions(FOLLOWS_BUILDS, adviseCosts);
setWorkflowOptions(FOLLOWS_BUILDS, keepLedger);

export * from '.';
