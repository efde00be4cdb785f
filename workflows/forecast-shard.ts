import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { ShardVerdicts } from '../activities/judging-activities';
import { TRAINING } from './options';
import { Progress } from './progress';

const training = proxyActivities<Activities>(TRAINING);

/** Which part of a shard's work: what needs no network, or what needs the trained one. */
export type ForecastShardInput =
  | { readonly part: 'fit'; readonly run: string; readonly shard: number; readonly dataset: string }
  | {
      readonly part: 'judge';
      readonly run: string;
      readonly workflowId: string;
      readonly dataset: string;
      readonly fitted: string;
      readonly force: boolean;
      readonly network: string | null;
    };

export type ForecastShardResult =
  { readonly part: 'fit'; readonly fitted: string } | ({ readonly part: 'judge' } & ShardVerdicts);

/** A child of `retrainModels`: some hundred functions, so that neither a history nor an activity grows with the platform. */
export async function forecastShard(input: ForecastShardInput): Promise<ForecastShardResult> {
  if (input.part === 'fit') {
    const progress = new Progress(`Fit the functions of shard ${input.shard}`);
    const { run, shard, dataset } = input;
    const { fitted } = await training.fitShard({ run, shard, dataset });
    progress.finish('fitted');
    return { part: 'fit', fitted };
  }
  const progress = new Progress('Validate and deploy');
  const { run, workflowId, dataset, fitted, force, network } = input;
  const verdicts = await training.judgeShard({ run, workflowId, dataset, fitted, force, network });
  progress.finish(`${verdicts.deployed} deployed, ${verdicts.kept} stay as they were`);
  return { part: 'judge', ...verdicts };
}
