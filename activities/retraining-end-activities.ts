import { createHash } from 'node:crypto';
import { partsOf } from '../core/forecast/holdout';
import type { ActivityDependencies } from './dependencies';
import { TrainingArtefacts } from './training-artefacts';
import type { CollectedHistories } from './forecast-data-activities';
import type { FittedDataset } from './training-activities';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** States of training are kept so long after a run's last step: another run with the same data may have the same. */
const KEEP_STEPS_MS = 6 * 3_600_000;
/** Models forgotten in one go; the rest waits for the next run. */
const FORGET_AT_ONCE = 2_000;

export interface RetrainingOutcome {
  readonly run: string;
  readonly workflowId: string;
  readonly tenant: string | null;
  /** The network that this run has trained; null when it has trained none. */
  readonly network: string | null;
  readonly trained: number;
  readonly deployed: number;
  readonly failedShards: number;
  readonly seconds: number;
}

/** What comes after the models: the network they share, what is told of the run, and what is forgotten. */
export function retrainingEndActivities(dependencies: ActivityDependencies) {
  const { store, images, now, retention } = dependencies;
  const artefacts = new TrainingArtefacts(dependencies);

  return {
    /** Takes the network into the list of models, so that models that are validated with it can name it. */
    async listNetwork(input: {
      run: string;
      workflowId: string;
      network: string;
      sample: readonly FittedDataset[];
      parent: string | null;
    }): Promise<void> {
      const { run, workflowId, network, sample, parent } = input;
      const pasts = (await artefacts.functions(sample)).map(({ history }) => history);
      const begins = pasts.map(({ firstMinute }) => firstMinute);
      const ends = pasts.map(({ firstMinute, counts }) => firstMinute + partsOf(counts.length).trained);
      await store.addForecastModel({
        id: network,
        functionId: null,
        tenant: null,
        function: null,
        state: 'superseded',
        reason: 'trained; in use once a function’s model has passed with it',
        parent,
        network: null,
        windowFrom: new Date(Math.min(...begins) * MINUTE_MS),
        windowTo: new Date(Math.max(...ends) * MINUTE_MS),
        dataDigest: `sha256:${createHash('sha256')
          .update(sample.map(({ dataset }) => dataset).join())
          .digest('hex')}`,
        features: [],
        members: [],
        metrics: { functions: pasts.length },
        workflowId,
        runId: run,
      });
    },

    /** Deploys the network where it has proved itself, and tells of the run. */
    async endRetraining(outcome: RetrainingOutcome): Promise<{ networkDeployed: boolean }> {
      const { network, trained, deployed } = outcome;
      const networkDeployed = network !== null && deployed > 0;
      if (networkDeployed) {
        const reason = `${deployed} of ${trained} functions passed with it`;
        await store.deployForecastModel({ functionId: null, id: network, reason });
      } else if (network !== null && (await listedBy(outcome.run, network))) {
        await store.markForecastModel(null, network, 'rejected', 'no function’s model passed with it');
      }
      if (trained === 0) return { networkDeployed };
      const told = await artefacts.valueOnce(outcome.run, 'told', () => Promise.resolve({ at: now() }));
      await store.writeEvents([
        {
          at: new Date(told.at),
          tenant: outcome.tenant,
          type: 'forecast.retrained',
          function: null,
          node: null,
          data: { ...outcome, networkDeployed },
        },
      ]);
      await store.addForecastFigures({ retrains: 1, retrainSeconds: outcome.seconds });
      return { networkDeployed };
    },

    /** Forgets models past retention, and the steps of runs that ended long ago, with their artefacts. */
    async forgetModels(): Promise<{ models: number; runs: number }> {
      const unneeded = await store.unneededForecastModels(
        new Date(now() - retention.forecastModelDays * DAY_MS),
        FORGET_AT_ONCE,
      );
      for (const { functionId, id } of unneeded) {
        // The row goes first: a model that is listed can be read.
        if (await store.deleteForecastModel(functionId, id)) await images.delete(id);
      }
      const runs = await store.oldTrainingRuns(new Date(now() - KEEP_STEPS_MS));
      for (const run of runs) await forgetRun(run);
      return { models: unneeded.length, runs: runs.length };
    },
  };

  /** False where an earlier run on the same past has listed the same network: it may be in use. */
  async function listedBy(run: string, network: string): Promise<boolean> {
    return (await store.findForecastModel(null, network))?.runId === run;
  }

  async function forgetRun(run: string): Promise<void> {
    for (const { step, artefact } of await store.trainingSteps(run)) {
      if (step === 'collect') {
        const { shards } = await artefacts.value<CollectedHistories>(artefact).catch(() => ({ shards: [] }));
        for (const { dataset } of shards) await images.delete(dataset);
      }
      // The network may be in use; it goes with its row.
      if (step !== 'network') await images.delete(artefact);
    }
    await store.forgetTrainingRun(run);
  }
}
