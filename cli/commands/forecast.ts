import { PlatformError } from '../../core/error/platform-error';
import type { ForecastAccuracyResource, ForecastModelResource, ForecastResource } from '../api-resources';
import { functionPath, type CommandContext, type ContextOf } from '../command-context';
import { forecastChart } from '../forecast-chart';
import { listVerb } from '../list-verb';
import { showAge } from '../quantities';
import type { Verb } from '../verb';

const PLOTTED_MINUTES = 60;
/** Members with less say nothing. */
const LEAST_WEIGHT = 0.005;

/** forecast: what is expected of a function, how right it was, and by which models. */
export function addForecast(program: Verb, contextOf: ContextOf): void {
  const forecast = program.command('forecast').description('what is expected of a function, and by which model');
  forecast
    .command('show', { isDefault: true })
    .description('the next ten minutes, and what explains them')
    .argument('<function>', 'the function')
    .calls('GET /v1/functions/{name}/forecast')
    .example('presage forecast hello --plot')
    .option('--plot', 'as a chart, with the last hour')
    .option('--json', 'short for -o json')
    .action(async (name: string, options: { plot?: boolean; json?: boolean }, command: Verb) => {
      const { api, output } = contextOf(command);
      const history = options.plot ? PLOTTED_MINUTES : 0;
      const found = await api.get<ForecastResource>(functionPath(name, '/forecast'), { history });
      if (options.json) output.line(JSON.stringify(found, null, 2));
      else await output.item(found, () => (options.plot ? plotted(found, output) : described(found, output)));
    });

  forecast
    .command('accuracy')
    .description('how far the forecasts were from what came')
    .argument('<function>', 'the function')
    .option('--window <duration>', 'up to now, at most 7d', '24h')
    .calls('GET /v1/functions/{name}/forecast/accuracy')
    .example('presage forecast accuracy hello --window 7d')
    .action(async (name: string, options: { window: string }, command: Verb) => {
      const { api, output } = contextOf(command);
      const path = functionPath(name, '/forecast/accuracy');
      const found = await api.get<ForecastAccuracyResource>(path, { window: options.window });
      await output.item(found, () => measured(found, output));
    });

  listVerb<ForecastModelResource>(
    forecast
      .command('models')
      .description('models of a function, newest first')
      .argument('<function>', 'the function')
      .example('presage forecast models hello'),
    contextOf,
    'GET /v1/functions/{name}/forecast/models',
    {
      columns: [
        ['ID', (row) => shortId(row.id)],
        ['STATE', (row) => row.state],
        ['WAPE', (row) => showShare(row.metrics['wape'])],
        ['MAPE10', (row) => showShare(row.metrics['mape10'])],
        ['TRAINED UP TO', (row) => row.window.to],
        ['AGE', (row) => showAge(row.createdAt)],
        ['REASON', (row) => row.reason],
      ],
      none: (name) => `${name} has no model of its own; the network of all functions forecasts it`,
    },
  );

  forecast
    .command('rollback')
    .description('forecast with an earlier model from now on')
    .argument('<function>', 'the function')
    .argument('<model>', 'its id, or the first digits of it')
    .calls('GET /v1/functions/{name}/forecast/models', 'POST /v1/functions/{name}/forecast/models/{id}/deploy')
    .example('presage forecast rollback hello 3f9a')
    .action(async (name: string, model: string, _options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const id = await fullId(api, name, model);
      const deployed = await api.send<ForecastModelResource>(
        'POST',
        functionPath(name, `/forecast/models/${encodeURIComponent(id)}/deploy`),
      );
      await output.item(deployed, () => `${shortId(deployed.id)} forecasts ${name}`);
    });

  forecast
    .command('retrain')
    .description('train new models, and deploy those that pass')
    .argument('[functions...]', 'the functions; default: all of the tenant')
    .calls('POST /v1/forecast/retrain')
    .example('presage forecast retrain hello --force')
    .option('--force', 'also those whose past has not changed since their last training')
    .action(async (names: string[], options: { force?: boolean }, command: Verb) => {
      const { api, output } = contextOf(command);
      const json = { ...(names.length > 0 ? { functions: names } : {}), ...(options.force ? { force: true } : {}) };
      const started = await api.send<{ workflowId: string }>('POST', '/v1/forecast/retrain', { json });
      await output.item(started, () => `Models are being trained: ${started.workflowId}`);
    });
}

type Output = CommandContext['output'];

function plotted(found: ForecastResource, output: Output): string {
  const { '0.05': low = [], '0.95': high = [] } = found.quantiles;
  const chart = forecastChart({ past: found.history.counts, mean: found.mean, low, high });
  const note = `requests a minute; ● expected, ░ where 9 of 10 minutes should lie; ${found.spoke} speaks`;
  return `${chart}\n${output.colour('dim', note)}`;
}

async function described(found: ForecastResource, output: Output): Promise<string> {
  const { '0.05': low = [], '0.5': middle = [], '0.95': high = [] } = found.quantiles;
  const minutes = found.mean.map((mean, i) => ({ mean, low: low[i], middle: middle[i], high: high[i], i }));
  const at = (i: number): string => new Date(Date.parse(found.at) + i * 60_000).toISOString().slice(11, 16);
  const table = await output.table(minutes, [
    ['MINUTE', (row) => at(row.i)],
    ['EXPECTED', (row) => row.mean.toFixed(2)],
    ['5 %', (row) => row.low?.toFixed(1)],
    ['50 %', (row) => row.middle?.toFixed(1)],
    ['95 %', (row) => row.high?.toFixed(1)],
    ['SPIKE', (row) => showShare(found.spike[row.i])],
  ]);
  const window = found.trainingWindow;
  const band = found.errorBand;
  const members = [...found.members].sort((a, b) => b.weight - a.weight).filter(({ weight }) => weight >= LEAST_WEIGHT);
  const fields = output.fields([
    ['Next 10 minutes', `${found.total.mean.toFixed(1)} requests`],
    ['Model', found.modelId === null ? 'none of its own: the network of all functions' : shortId(found.modelId)],
    ['Trained on', window && `${window.from} to ${window.to}`],
    ['Error on its holdout', band && `${showShare(band.expected)}; drift above ${showShare(band.limit)} for an hour`],
    ['Error of the last hour', showShare(found.hourError)],
    ['Members', members.map(({ name, weight }) => `${name} ${showShare(weight)}`).join(', ')],
    ['Features', Object.entries(found.features).map(([name, value]) => `${name} ${round(value)}`).join(', ')], // prettier-ignore
  ]);
  return `${table}\n\n${fields}`;
}

function measured(found: ForecastAccuracyResource, output: Output): string {
  const share = (value: number | null): string => showShare(value) ?? 'not defined';
  const number = (value: number | null): string => (value === null ? 'not defined' : round(value));
  return output.fields([
    ['Forecasts', found.forecasts],
    ['Requests', found.requests],
    ['WAPE', share(found.wape)],
    ['  had it been as an hour ago', share(found.hourAgoWape)],
    ['  had it been as a day ago', share(found.dayAgoWape)],
    ['WAPE of 10-minute totals', share(found.wape10)],
    ['MAPE of 10-minute totals', `${share(found.mape10)}; ${showShare(found.zeroShare)} were without requests`],
    ['MASE', number(found.mase)],
    ['RMSE', number(found.rmse)],
    ['R²', number(found.rSquared)],
    ['Correlation', number(found.correlation)],
    ['Minutes in the 90 % interval', share(found.coverage90)],
    ['Spikes foretold', share(found.spikeRecall)],
    ['Alarms that were right', share(found.spikePrecision)],
    ['Minutes with a false alarm', share(found.falseAlarmRate)],
  ]);
}

/** The one model whose id begins so. */
async function fullId(api: CommandContext['api'], name: string, given: string): Promise<string> {
  const digits = given.replace(/^sha256:/, '');
  if (/^[0-9a-f]{64}$/.test(digits)) return `sha256:${digits}`;
  const models = await api.list<ForecastModelResource>(functionPath(name, '/forecast/models'));
  const [found, ...others] = models.filter(({ id }) => id.startsWith(`sha256:${digits}`));
  if (found && others.length === 0) return found.id;
  throw new PlatformError(
    'not_found',
    `${found ? 'More than one model' : 'No model'} of ${name} begins with ${given}`,
    {
      hint: `presage forecast models ${name} lists them.`,
    },
  );
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

function showShare(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : `${(value * 100).toFixed(1)} %`;
}

function round(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
