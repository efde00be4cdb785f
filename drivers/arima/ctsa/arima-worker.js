'use strict';
// Entry of the thread in which the npm package `arima` (C code as WebAssembly) runs. Not compiled, so that one file serves
// the build and the tests. It only asks the package; what comes of it is judged by the caller.
const { setPriority } = require('node:os');
const { parentPort } = require('node:worker_threads');
const ARIMA = require('arima');

// Of this thread alone: no request waits for a fit.
setPriority(10);

/**
 * Method 1 is the conditional sum of squares: the default, exact likelihood, diverges on one real series of ten.
 *
 * The package keeps its coefficients to itself. But the one-step forecast of a model without moving average is a constant
 * and a weighted sum of the last p + d values, and it is made from `ts`, the packed bytes of the series, which may be
 * replaced by any of the same length: an empty window gives the constant, one with a single 1 the weight of its place.
 */
function fit({ series, p, d, horizon }) {
  const model = new ARIMA({ p, d, q: 0, method: 1, verbose: false });
  try {
    model.train(Array.from(series));
    const [forecast] = model.predict(horizon);
    const next = (window) => {
      model.ts = new Uint8Array(window.buffer);
      return model.predict(1)[0][0];
    };
    const constant = next(new Float64Array(series.length));
    const coefficients = Array.from({ length: p + d }, (_, lag) => {
      const window = new Float64Array(series.length);
      window[series.length - 1 - lag] = 1;
      return next(window) - constant;
    });
    return { forecast, constant, coefficients };
  } finally {
    model.destroy();
  }
}

parentPort.on('message', (task) => {
  try {
    parentPort.postMessage(fit(task));
  } catch (error) {
    parentPort.postMessage({ error: String(error) });
  }
});
