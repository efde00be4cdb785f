import { createRequire } from 'node:module';
import type tf from '@tensorflow/tfjs-core';
import { PlatformError } from '../../core/error/platform-error';

export type Tensorflow = typeof tf;

/** Never a dependency of ours: its installation downloads a library of some hundred megabytes. */
const NATIVE = '@tensorflow/tfjs-node';
const SLIM = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-wasm'] as const;

/**
 * TensorFlow.js, ready: with the native library where `@tensorflow/tfjs-node` is installed, else as WebAssembly. A line of the
 * log says which. @param load replaces `require`, for tests
 * @throws PlatformError unsupported that says what to install where neither is there
 */
export async function loadTensorflow(
  log: (line: string) => void,
  load: (name: string) => unknown = createRequire(__filename),
): Promise<Tensorflow> {
  const native = loaded(load, NATIVE);
  if (native.package) {
    await native.package.ready();
    log(`Forecasts are trained by TensorFlow.js with its native library (${NATIVE})`);
    return native.package;
  }
  const [core, ...others] = SLIM.map((name) => loaded(load, name));
  // The layers bring the gradients of all operations along; the core has them in no form that CommonJS loads.
  const wrong = [core, ...others].find((each) => !each?.package);
  if (!core?.package || wrong) {
    throw new PlatformError(
      'unsupported',
      `forecast.engine is tfjs, but TensorFlow.js cannot be loaded (${wrong?.why}): npm install ${SLIM.join(' ')}, or set it to own`,
    );
  }
  if (!(await core.package.setBackend('wasm'))) {
    throw new PlatformError('unsupported', 'forecast.engine is tfjs, but its WebAssembly backend does not start: set it to own'); // prettier-ignore
  }
  log(`Forecasts are trained by TensorFlow.js as WebAssembly; ${NATIVE}, which is used where it is installed, is not: ${native.why}`); // prettier-ignore
  return core.package;
}

interface Loaded {
  readonly package: Tensorflow | null;
  readonly why: string;
}

function loaded(load: (name: string) => unknown, name: string): Loaded {
  try {
    return { package: load(name) as Tensorflow, why: '' };
  } catch (error) {
    // What follows the first line lists who asked for it.
    return { package: null, why: String((error as Error).message).split('\n')[0] as string };
  }
}
