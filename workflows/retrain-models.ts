import {
  executeChild,
  isCancellation,
  proxyActivities,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { CollectedHistories } from '../activities/forecast-data-activities';
import type { FittedDataset } from '../activities/training-activities';
import { retrainModelsInput, type RetrainModelsInput } from '../core/control/workflow-inputs';
import { reasonOf, validated } from './failure';
import { forecastShard, type ForecastShardInput, type ForecastShardResult } from './forecast-shard';
import { QUICK, TRAINING } from './options';
import { Progress } from './progress';
import { FUNCTION_NAME, TENANT_ID } from './search-attributes';

const quick = proxyActivities<Activities>(QUICK);
const training = proxyActivities<Activities>(TRAINING);

/** Children at once: there is one training thread, and one that fits. */
const CHILDREN = 2;
/** Shards that the network learns from: the first hold the sample of all functions. */
const NETWORK_SHARDS = 2;

export interface RetrainModelsResult {
  readonly trained: number;
  readonly deployed: number;
  readonly kept: number;
  /** Forecast by the network alone: less than a day of past. */
  readonly young: number;
  readonly idle: number;
  readonly unchanged: number;
  /** The network that this run has trained. */
  readonly network: string | null;
  /** Shards that could not be trained, and why. Their functions keep the models they have. */
  readonly failed: readonly string[];
}

/**
 * Collect → fit each function → train the network that all share → validate on a holdout → deploy what passes. Every step is
 * an artefact under the run's id, so that a killed worker or server repeats none that was finished; until a model is deployed
 * the one before it answers.
 */
export async function retrainModels(input: RetrainModelsInput): Promise<RetrainModelsResult> {
  const checked = validated('retrainModels', retrainModelsInput, input);
  const { tenant, functions } = checked;
  const { workflowId, runId: run, runStartTime } = workflowInfo();
  const [only, ...others] = functions ?? [];
  if (tenant !== undefined) upsertSearchAttributes([{ key: TENANT_ID, value: tenant }]);
  if (only !== undefined && others.length === 0) upsertSearchAttributes([{ key: FUNCTION_NAME, value: only }]);

  const progress = new Progress(`Retrain forecast models (${checked.reason})`);
  progress.begin('collect the past');
  const { force, days } = checked;
  const all = tenant === undefined && functions === undefined;
  const collected = await training.collectHistories({ run, tenant, functions, force, days, sample: all });
  const { shards, young, idle, unchanged } = collected;
  const trained = shards.reduce((sum, shard) => sum + shard.changed, 0);
  progress.note(describe(trained, collected));
  const failed: string[] = [];
  const left = { young, idle, unchanged };
  if (trained === 0) {
    await quick.forgetModels();
    progress.finish('nothing to train');
    return { trained, deployed: 0, kept: 0, ...left, network: null, failed };
  }

  progress.begin(`fit ${trained} function(s) in ${shards.length} shard(s)`);
  const fits = await inTurns(shards, failed, async ({ dataset }, shard) => {
    const { fitted } = await child(`${workflowId}/fit/${shard}`, { part: 'fit', run, shard, dataset });
    return { dataset, fitted };
  });

  const mode = checked.network ?? (all || collected.deployedNetwork === null ? 'train' : 'keep');
  const network = mode === 'train' && fits.length > 0 ? await trainNetwork(fits, collected, progress, failed) : null;

  progress.begin('validate on the holdout, and deploy what passes');
  const judged = await inTurns(fits, failed, ({ dataset, fitted }, shard) =>
    child(`${workflowId}/judge/${shard}`, {
      ...{ part: 'judge', run, workflowId, dataset, fitted, force },
      network: network ?? collected.deployedNetwork,
    }),
  );
  const deployed = judged.reduce((sum, verdicts) => sum + verdicts.deployed, 0);
  const seconds = (Date.now() - runStartTime.getTime()) / 1000;
  await quick.endRetraining({
    ...{ run, workflowId, tenant: tenant ?? null, network, trained, deployed, seconds },
    failedShards: failed.length,
  });
  await quick.forgetModels();
  const kept = trained - deployed;
  progress.finish(
    [`${deployed} deployed, ${kept} stay as they were`, ...failed.map((reason) => `failed: ${reason}`)].join('; '),
  );
  return { trained, deployed, kept, ...left, network, failed };
}

/** Null where training failed: then functions are validated with the network that is there. */
async function trainNetwork(
  fits: readonly FittedDataset[],
  { epochs, deployedNetwork: parent }: CollectedHistories,
  progress: Progress,
  failed: string[],
): Promise<string | null> {
  const { workflowId, runId: run } = workflowInfo();
  const sample = fits.slice(0, NETWORK_SHARDS);
  let state: string | null = null;
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      progress.begin(`train the network, pass ${epoch + 1} of ${epochs}`);
      ({ state } = await training.trainNetwork({ run, epoch, sample, state }));
    }
    if (state === null) return null;
    progress.begin('calibrate the network');
    const { network } = await training.finishNetwork({ run, sample, state });
    await quick.listNetwork({ run, workflowId, network, sample, parent });
    return network;
  } catch (error) {
    if (isCancellation(error)) throw error;
    failed.push(`the network: ${reasonOf(error)}`);
    return null;
  }
}

/** A few at a time, in their order. What fails is told in `failed` and left out. */
async function inTurns<T, R>(
  items: readonly T[],
  failed: string[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      try {
        results.set(index, await work(items[index] as T, index));
      } catch (error) {
        if (isCancellation(error)) throw error;
        failed.push(`shard ${index}: ${reasonOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: CHILDREN }, lane));
  return [...results.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
}

async function child<P extends ForecastShardInput['part']>(
  workflowId: string,
  input: ForecastShardInput & { part: P },
): Promise<Extract<ForecastShardResult, { part: P }>> {
  const result = await executeChild(forecastShard, { workflowId, args: [input] });
  return result as Extract<ForecastShardResult, { part: P }>;
}

function describe(trained: number, { young, idle, unchanged }: CollectedHistories): string {
  return [
    `${trained} to train`,
    `${young} with less than a day, forecast by the network alone`,
    `${idle} without a request`,
    `${unchanged} with nothing new`,
  ].join(', ');
}
