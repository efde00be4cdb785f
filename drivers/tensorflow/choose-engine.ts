import { OWN_ENGINE, type EngineName, type TrainingEngine } from '../../core/forecast/training/training-engine';
import { loadTensorflow } from './load-tensorflow';
import { tensorflowEngine } from './tensorflow-engine';

/**
 * What forecasts are trained by (`forecast.engine`).
 * @throws PlatformError unsupported where TensorFlow.js is wanted and cannot be loaded
 */
export async function chooseEngine(name: EngineName, log: (line: string) => void): Promise<TrainingEngine> {
  if (name === 'tfjs') return tensorflowEngine(await loadTensorflow(log));
  log('Forecasts are trained by our own network');
  return OWN_ENGINE;
}
