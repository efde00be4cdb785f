import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { ensureAnchorEnvironment, type AnchorEnvironment } from './anchors/anchor-environment';
import type { AnchorModel } from './anchors/anchor-forecasts';
import { anchorRows } from './anchors/anchor-rows';
import { benchTraces } from './bench-traces';
import { measureRows } from './measure-rows';
import { MODEL_ROWS, type ModelRow } from './models';
import { poissonFloor } from './poisson-floor';
import { forecastFigures, seriesFigures } from './report/forecast-figures';
import { forecastPlots } from './report/forecast-plots';
import { missedBars } from '../harness/missed-bars';
import { partSection, seriesSection, type ReportedPart } from './report/forecast-sections';
import { seriesResults } from './series-results';
import { testPartOf } from './test-part';
import type { TracedFunction } from '../traces/trace-set';
import { trainingCosts } from './train-cost/training-costs';

export const forecastBench: Bench = {
  name: 'forecast',
  description:
    'the next ten minutes of real functions, forecast every ten minutes over two days: our models beside those of statsforecast and LightGBM',
  options: {
    until: 'minutes of the functions that are used, what follows is not looked at; default all',
    anchors: 'yes or no: run the models of others (Python, installed into the cache); default yes',
  },
  run: measureForecasts,
};

/** AutoARIMA takes as long as all the others together. */
const QUICK_ANCHORS: readonly AnchorModel[] = ['lightgbm-l1', 'lightgbm-l2', 'arima-212', 'autoets'];
const CORE_ANCHORS: readonly AnchorModel[] = ['autoarima', ...QUICK_ANCHORS];

async function measureForecasts(request: BenchRequest): Promise<BenchResult> {
  const { quick, log } = request;
  const until = request.values['until'] === undefined ? undefined : countOption(request, 'until', 1);
  const { folder, functions, series } = benchTraces(request.data, until);
  const { environment, missing } = await anchorsWanted(request);
  const cut = until === undefined ? '' : `, the first ${until} minutes`;
  const traces = `Traces: \`${path.relative(assetPath('.'), folder)}\`${cut}.`;
  const result: BenchResult = { figures: [], sections: [traces, '', ...missing] };
  if (functions.length > 0) {
    const core = await reported(
      'Core',
      coreOf(functions),
      MODEL_ROWS,
      quick ? QUICK_ANCHORS : CORE_ANCHORS,
      environment,
      log,
    );
    result.figures.push(...forecastFigures(core.rows));
    result.sections.push(...partSection({ ...core, plots: forecastPlots(core.part, core.rows, core.hybrid) }));
  }
  if (functions.length > 0) {
    const training = await trainingCosts(coreOf(functions), quick, log);
    result.figures.push(...training.figures);
    result.sections.push(...training.sections);
  }
  if (series.length > 0) {
    const results = await seriesResults(series, environment, log);
    result.figures.push(...seriesFigures(results));
    result.sections.push(...seriesSection(results));
  }
  if (functions.length > 0 && !quick) {
    // What the hybrid is without its parts is shown above: here each part would be trained anew for hours of forecasts.
    const whole = MODEL_ROWS.filter(({ role }) => role !== 'ablation');
    const all = await reported('All', functions, whole, QUICK_ANCHORS, environment, log);
    result.sections.push(...partSection(all));
  }
  result.sections.splice(2, 0, ...missedBars(result.figures));
  return result;
}

/** The functions that the headline is about: T0 has so few requests that every measure is about luck. */
function coreOf(functions: readonly TracedFunction[]): TracedFunction[] {
  const core = functions.filter((item) => item.core && item.tier !== 'T0');
  if (core.length === 0) throw new RangeError('No function of the traces has more than a request an hour');
  return core;
}

async function reported(
  title: string,
  functions: readonly TracedFunction[],
  models: readonly ModelRow[],
  anchors: readonly AnchorModel[],
  environment: AnchorEnvironment | null,
  log: (text: string) => void,
): Promise<ReportedPart> {
  const part = testPartOf(functions);
  log(`${title}: ${functions.length} functions, ${part.origins.length} origins from minute ${part.trainEnd} on`);
  const { rows, hybrid } = await measureRows(models, part, log);
  if (environment) rows.push(...(await anchorRows(environment, anchors, part, log)));
  rows.push(poissonFloor(part));
  return { title, part, rows, hybrid, plots: [] };
}

/** Without Python or its packages our own models are measured all the same. */
async function anchorsWanted({
  values,
  log,
}: BenchRequest): Promise<{ environment: AnchorEnvironment | null; missing: string[] }> {
  // prettier-ignore
  const wanted = values['anchors'] ?? 'yes';
  if (wanted !== 'yes' && wanted !== 'no') throw new RangeError(`--anchors must be yes or no, not "${wanted}"`);
  if (wanted === 'no') return { environment: null, missing: [] };
  try {
    return { environment: await ensureAnchorEnvironment(log), missing: [] };
  } catch (error) {
    const text = `The models of others are left out. ${(error as Error).message}`;
    log(text);
    return { environment: null, missing: [text, ''] };
  }
}
