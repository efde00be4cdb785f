import { createHash } from 'node:crypto';
import type { ArModel } from '../core/forecast/ar-model';
import { fitBestAr } from '../core/forecast/fit-ar';
import { partsOf } from '../core/forecast/holdout';
import { fitFunction } from '../core/forecast/training/fit-function';
import type { ActivityDependencies } from './dependencies';
import { TrainingArtefacts } from './training-artefacts';

/** Minutes that an autoregression is fitted on: more teach it nothing. */
const FITTED_MINUTES = 2_880;

/** By function id. */
export type FittedShard = Readonly<Record<string, ArModel | null>>;

/** A shard's past and what was fitted to it, as artefacts. */
export interface FittedDataset {
  readonly dataset: string;
  readonly fitted: string;
}

/** Fits and trains, each step once in a run. What is large is an artefact; only its digest comes and goes. */
export function trainingActivities(dependencies: ActivityDependencies) {
  const { trainer, arima } = dependencies;
  const artefacts = new TrainingArtefacts(dependencies);

  return {
    /** The autoregression of each function of a shard: least squares or the package's, whichever was nearer. */
    async fitShard({ run, shard, dataset }: { run: string; shard: number; dataset: string }): Promise<FittedDataset> {
      const fitted = await artefacts.once(run, `fit/${shard}`, async () => {
        const histories = await artefacts.histories(dataset);
        const series = histories.map(({ counts }) => {
          const { trained } = partsOf(counts.length);
          return counts.slice(Math.max(0, trained - FITTED_MINUTES), trained);
        });
        const packaged = await arima.fit(series);
        const fits: Record<string, ArModel | null> = {};
        for (const [index, history] of histories.entries()) {
          const { trained } = partsOf(history.counts.length);
          const candidates = [fitBestAr(series[index] ?? []), packaged[index] ?? null];
          fits[history.functionId] = fitFunction(history, trained, candidates, null).arima;
          // Some milliseconds each: heartbeats go out in between.
          await new Promise((resolve) => setImmediate(resolve));
        }
        return new TextEncoder().encode(JSON.stringify(fits));
      });
      return { dataset, fitted };
    },

    /**
     * One pass of the network over a sample of all functions. The states before and after are artefacts: killed in the middle,
     * the next try begins with the pass that was not finished, and none is made twice.
     * @param input `state` null: the first pass of the run
     */
    async trainNetwork(input: {
      run: string;
      epoch: number;
      sample: readonly FittedDataset[];
      state: string | null;
    }): Promise<{ state: string }> {
      const { run, epoch, sample, state } = input;
      const next = await artefacts.once(run, `epoch/${epoch}`, async () =>
        trainer.train({
          set: createHash('sha256').update(JSON.stringify(sample)).digest('hex'),
          state: state === null ? null : await artefacts.bytes(state),
          functions: () => artefacts.functions(sample),
        }),
      );
      return { state: next };
    },

    /** The network that the passes have made. */
    async finishNetwork(input: {
      run: string;
      sample: readonly FittedDataset[];
      state: string;
    }): Promise<{ network: string }> {
      const { run, sample, state } = input;
      const network = await artefacts.once(run, 'network', async () =>
        trainer.finish({ state: await artefacts.bytes(state), functions: await artefacts.functions(sample) }),
      );
      return { network };
    },
  };
}
