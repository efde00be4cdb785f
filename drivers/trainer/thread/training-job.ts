import { toPlatformError } from '../../../core/error/platform-error';
import { decodeFunctionModel } from '../../../core/forecast/function-model';
import { GATED } from '../../../core/forecast/expert-pool';
import { partsOf } from '../../../core/forecast/holdout';
import { decodeNetwork, encodeNetwork, type NetworkModel } from '../../../core/forecast/network-model';
import { UNCALIBRATED } from '../../../core/forecast/calibration';
import { calibrate } from '../../../core/forecast/training/calibrate';
import type { EngineName, TrainingEngine } from '../../../core/forecast/training/training-engine';
import { startTraining, trainEpoch } from '../../../core/forecast/training/train-epoch';
import { decodeTraining, encodeTraining } from '../../../core/forecast/training/training-codec';
import { validate as validated } from '../../../core/forecast/training/validate';
import { trainingSet, type TrainingSet } from '../../../core/forecast/training/training-set';
import type { NamedHistory } from '../../../core/forecast/history-codec';
import type { JobOutcome } from '../../thread/job-thread';
import { chooseEngine } from '../../tensorflow/choose-engine';
import type { TrainedFunction, Verdict } from '../trainer';

/** One call to the training thread. */
export type TrainingJob =
  | { readonly kind: 'prepare'; readonly set: string; readonly functions: readonly TrainedFunction[] }
  | { readonly kind: 'train'; readonly set: string; readonly state: Uint8Array | null; readonly engine: EngineName }
  | { readonly kind: 'finish'; readonly state: Uint8Array; readonly functions: readonly TrainedFunction[] }
  | {
      readonly kind: 'validate';
      readonly history: NamedHistory;
      readonly model: Uint8Array;
      readonly network: Uint8Array | null;
    };

/** Said of a pass over windows that are not at hand. */
export const UNPREPARED = 'unprepared';

/** Equal data must give equal networks, whoever trains. */
const SEED = 1;
/** Functions whose forecasts the network's spread is calibrated by: some thousand forecasts. */
const CALIBRATED_FUNCTIONS = 50;

/** The windows of the training under way: making them takes as long as some passes over them. */
let prepared: { readonly set: string; readonly windows: TrainingSet } | undefined;
/** The network that functions are validated with, one after the other. */
let decoded: { readonly bytes: Uint8Array; readonly network: NetworkModel } | undefined;

/** What the passes are computed by, once they were. */
let chosen: TrainingEngine | undefined;

/** Does one job, one after the other; never throws. @param log of which engine trains */
export async function runJob(job: TrainingJob, log: (line: string) => void): Promise<JobOutcome> {
  try {
    if (job.kind === 'train' && chosen?.name !== job.engine) chosen = await chooseEngine(job.engine, log);
    return { value: valueOf(job) };
  } catch (error) {
    const { code, message } = toPlatformError(error);
    return { error: { code, message } };
  }
}

function valueOf(job: TrainingJob): Uint8Array | Verdict | string | null {
  switch (job.kind) {
    case 'prepare':
      return prepare(job.set, job.functions);
    case 'train':
      return train(job.set, job.state);
    case 'finish':
      return finish(job.state, job.functions);
    case 'validate':
      return validate(job);
  }
}

function prepare(set: string, functions: readonly TrainedFunction[]): null {
  // Two at once would be twice the memory.
  prepared = undefined;
  const windows = trainingSet(
    functions.map(({ history, arima }) => ({ history, arima, until: partsOf(history.counts.length).trained })),
  );
  prepared = { set, windows };
  return null;
}

function train(set: string, state: Uint8Array | null): Uint8Array | typeof UNPREPARED {
  if (prepared?.set !== set) return UNPREPARED;
  const before = state === null ? startTraining(prepared.windows.shape, SEED) : decodeTraining(state);
  return encodeTraining(trainEpoch(before, prepared.windows, chosen));
}

function finish(state: Uint8Array, functions: readonly TrainedFunction[]): Uint8Array {
  prepared = undefined;
  const { shape, parameters, epochs } = decodeTraining(state);
  const raw = { shape, parameters, epochs, gated: GATED, features: true, calibration: UNCALIBRATED };
  // As it will be read again: 32-bit parameters.
  const network = decodeNetwork(encodeNetwork(raw));
  const calibration = calibrate(
    functions.slice(0, CALIBRATED_FUNCTIONS).map(({ history, arima }) => {
      const { trained, calibrated } = partsOf(history.counts.length);
      const seen = { ...history, counts: history.counts.subarray(0, calibrated) };
      const window = { from: history.firstMinute, to: history.firstMinute + trained };
      return { history: seen, model: { format: 'presage-function/1', arima, network: null, window }, from: trained };
    }),
    network,
  );
  return encodeNetwork({ ...network, calibration });
}

function validate(job: Extract<TrainingJob, { kind: 'validate' }>): Verdict {
  const { history, model, network } = job;
  const from = partsOf(history.counts.length).calibrated;
  const { passed, reason, metrics } = validated(
    decodeFunctionModel(model),
    network && networkOf(network),
    history,
    from,
  );
  return { passed, reason, metrics: { ...metrics } };
}

function networkOf(bytes: Uint8Array): NetworkModel {
  const same = decoded?.bytes.length === bytes.length && decoded.bytes.every((byte, i) => byte === bytes[i]);
  if (!decoded || !same) decoded = { bytes, network: decodeNetwork(bytes) };
  return decoded.network;
}
