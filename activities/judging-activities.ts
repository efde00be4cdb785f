import { isPlatformError } from '../core/error/platform-error';
import type { ArModel } from '../core/forecast/ar-model';
import { expertPool, LSTM } from '../core/forecast/expert-pool';
import { FEATURE_NAMES } from '../core/forecast/feature-names';
import { encodeFunctionModel } from '../core/forecast/function-model';
import { partsOf } from '../core/forecast/holdout';
import type { NamedHistory } from '../core/forecast/history-codec';
import { writeArtefact } from '../drivers/image-store/read-artefact';
import type { ForecastModelRecord } from '../drivers/store/forecast-store';
import type { ActivityDependencies } from './dependencies';
import { dataDigest } from './forecast-data-activities';
import type { FittedDataset } from './training-activities';
import { TrainingArtefacts } from './training-artefacts';

const MINUTE_MS = 60_000;

export interface ShardVerdicts {
  readonly deployed: number;
  readonly kept: number;
}

interface JudgeInput extends FittedDataset {
  readonly run: string;
  readonly workflowId: string;
  /** Also functions whose past is the one they were last judged on. */
  readonly force: boolean;
  /** The network to validate with; null where there is none. */
  readonly network: string | null;
}

/** Validates models on the part of the past that nothing was trained on, and deploys those that pass. */
export function judgingActivities(dependencies: ActivityDependencies) {
  const { store, images, trainer } = dependencies;
  const artefacts = new TrainingArtefacts(dependencies);

  return {
    /** A model that this run has judged is not judged again, so that a killed activity goes on where it was. */
    async judgeShard(input: JudgeInput): Promise<ShardVerdicts> {
      const [functions, network] = await Promise.all([
        artefacts.functions([input]),
        input.network === null ? null : artefacts.bytes(input.network),
      ]);
      const deployedNow = byFunction(await store.currentForecastModels('deployed'));
      const newest = byFunction(await store.currentForecastModels('newest'));
      let [deployed, kept] = [0, 0];
      for (const { history, arima } of functions) {
        const last = newest.get(history.functionId);
        if (!input.force && last?.runId !== input.run && last?.dataDigest === dataDigest(history)) continue;
        const model = encodeFunctionModel({ arima, network: input.network, window: windowOf(history) });
        const id = await writeArtefact(images, model);
        const before = deployedNow.get(history.functionId)?.id ?? null;
        const known = await store.findForecastModel(history.functionId, id);
        if (known?.runId !== input.run) await judge(input, history, { id, bytes: model, before, arima }, network);
        if (await deployIfPassed(history.functionId, id, input.run)) deployed++;
        else kept++;
      }
      return { deployed, kept };
    },
  };

  async function judge(
    { run, workflowId, network: networkId }: JudgeInput,
    history: NamedHistory,
    model: { id: string; bytes: Uint8Array; before: string | null; arima: ArModel | null },
    network: Uint8Array | null,
  ): Promise<void> {
    const verdict = await trainer.validate({ history, model: model.bytes, network });
    const { functionId, tenant, function: name } = history;
    const window = windowOf(history);
    await store.addForecastModel({
      id: model.id,
      functionId,
      tenant,
      function: name,
      state: verdict.passed ? 'superseded' : 'rejected',
      reason: verdict.reason,
      parent: model.before,
      network: networkId,
      windowFrom: new Date(window.from * MINUTE_MS),
      windowTo: new Date(window.to * MINUTE_MS),
      dataDigest: dataDigest(history),
      features: network === null ? [] : FEATURE_NAMES,
      members: memberNames(model.arima, network !== null),
      metrics: verdict.metrics,
      workflowId,
      runId: run,
    });
  }

  /** False where it did not pass, or a person or another run has deployed another meanwhile. */
  async function deployIfPassed(functionId: string, id: string, run: string): Promise<boolean> {
    const model = await store.findForecastModel(functionId, id);
    if (model?.state === 'deployed') return model.runId === run;
    if (model?.state !== 'superseded' || model.runId !== run) return false;
    try {
      await store.deployForecastModel({ functionId, id, reason: model.reason, ifDeployed: model.parent });
      return true;
    } catch (error) {
      if (isPlatformError(error) && ['precondition_failed', 'conflict'].includes(error.code)) return false;
      throw error;
    }
  }
}

function windowOf({ firstMinute, counts }: NamedHistory): { from: number; to: number } {
  return { from: firstMinute, to: firstMinute + partsOf(counts.length).trained };
}

function memberNames(arima: ArModel | null, network: boolean): string[] {
  return [...expertPool(arima).map(({ name }) => name), ...(network ? [LSTM] : [])];
}

function byFunction(models: readonly ForecastModelRecord[]): Map<string | null, ForecastModelRecord> {
  return new Map(models.map((model) => [model.functionId, model]));
}
