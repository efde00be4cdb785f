import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { errorBand } from '../../../core/forecast/drift';
import { HORIZON, QUANTILES } from '../../../core/forecast/forecast';
import { forecastAccuracy } from '../../../core/forecast/forecast-accuracy';
import { parseDuration } from '../../../core/function/quantity';
import type { ForecastRecord, LatestForecastRecord } from '../../../drivers/store/forecast-store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, instant, KEYED, tenantQuery } from '../api-schemas';
import { findFunction } from '../find-function';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_WINDOW_MS = 7 * DAY_MS;
/** Places of the ends of the 90 % interval among the quantiles. */
const [LOW, HIGH] = [QUANTILES.indexOf(0.05), QUANTILES.indexOf(0.95)];
const perMinute = z.array(z.number()).describe('one value for each minute');
const byQuantile = <S extends z.ZodType>(value: S) =>
  z.record(z.string(), value).describe(`by quantile: ${QUANTILES.join(', ')}`);

const forecastSchema = z
  .object({
    function: z.string(),
    at: instant.describe('the first minute that is forecast'),
    modelId: z.string().nullable().describe('null: the network that all functions share, alone'),
    spoke: z.string().describe('the member with the most weight'),
    mean: perMinute.describe('expected requests in each minute'),
    median: perMinute.describe('as many as not: the best single guess of a minute'),
    quantiles: byQuantile(perMinute),
    total: z
      .object({ mean: z.number(), point: z.number(), quantiles: byQuantile(z.number()) })
      .describe('of all minutes together'),
    spike: perMinute.describe('how strongly a spike is expected: above mean + 2 deviations of the hour before'),
    alarms: z.array(z.boolean()).describe('where that is alarming'),
    members: z.array(z.object({ name: z.string(), weight: z.number(), forecast: perMinute })),
    features: z.record(z.string(), z.number()),
    trainingWindow: z.object({ from: instant, to: instant }).nullable(),
    errorBand: z
      .object({ expected: z.number(), limit: z.number() })
      .nullable()
      .describe('error (WAPE) on the holdout, and that above which for an hour the model has drifted'),
    hourError: z.number().nullable().describe('error (WAPE) of the last hour'),
    history: z
      .object({
        from: instant,
        counts: z.array(z.number().int()),
        expected: z
          .array(z.object({ mean: z.number(), low: z.number(), high: z.number() }).nullable())
          .describe('what the forecast made at the begin of that minute expected, and its 90 % interval; null: none'),
      })
      .describe('requests of the minutes before'),
  })
  .meta({ id: 'Forecast' });
export type ForecastView = z.output<typeof forecastSchema>;

const share = z.number().nullable();
const accuracySchema = z
  .object({
    function: z.string(),
    from: instant,
    to: instant,
    forecasts: z.number().int().describe('whose minutes have all come; the measures are of these'),
    requests: z.number().int(),
    wape: share,
    mase: share,
    rmse: share,
    rSquared: share,
    correlation: share,
    mape10: share.describe('of 10-minute totals, those without requests left out'),
    zeroShare: z.number().describe('of totals without requests'),
    wape10: share,
    pinball: byQuantile(share),
    coverage90: share,
    spikeRecall: share,
    spikePrecision: share,
    falseAlarmRate: share,
    hourAgoWape: share.describe('had each minute been as an hour before'),
    dayAgoWape: share.describe('had each minute been as a day before'),
  })
  .meta({ id: 'ForecastAccuracy' });
export type ForecastAccuracyView = z.output<typeof accuracySchema>;

/** What is expected of a function, and how right it was. */
export function forecastRoutes(app: ApiApp, context: ApiContext): void {
  app.get(
    '/v1/functions/:name/forecast',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'functionForecast',
        tags: ['forecast'],
        summary: `The newest forecast of the next ${HORIZON} minutes, and what explains it`,
        params: functionParams,
        querystring: tenantQuery.extend({
          history: z.coerce.number().int().min(0).max(1_440).default(0).describe('minutes of the past to give too'),
        }),
        response: answers({ 200: forecastSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const latest = await context.store.latestForecast(fn.id);
      if (!latest) {
        throw new PlatformError('not_found', `Nothing has been forecast for ${fn.name} yet.`, {
          hint: 'A function is forecast from the first full minute after its first request, or after its history was imported.',
        });
      }
      const model = latest.modelId === null ? null : await context.store.findForecastModel(fn.id, latest.modelId);
      const from = new Date(latest.at.getTime() - request.query.history * MINUTE_MS);
      const [past, made] = await Promise.all([
        pastOf(context, fn.id, from, latest.at),
        request.query.history === 0 ? [] : context.store.forecasts({ functionId: fn.id, from, to: latest.at }),
      ]);
      return {
        function: fn.name,
        ...figuresOf(latest),
        trainingWindow: model && { from: model.windowFrom.toISOString(), to: model.windowTo.toISOString() },
        errorBand: model && errorBand(model.metrics),
        hourError: latest.hourWape,
        history: { from: from.toISOString(), counts: [...past], expected: expectedOf(made, from, past.length) },
      };
    },
  );

  app.get(
    '/v1/functions/:name/forecast/accuracy',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'functionForecastAccuracy',
        tags: ['forecast'],
        summary: 'How far the forecasts of a window were from what came',
        params: functionParams,
        querystring: tenantQuery.extend({
          window: z.string().default('24h').describe('a duration up to now, at most 7d').meta({ example: '24h' }),
        }),
        response: answers({ 200: accuracySchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const to = new Date(Math.floor(context.now().getTime() / MINUTE_MS) * MINUTE_MS);
      const from = new Date(to.getTime() - windowMs(request.query.window));
      // A day more than the window, for what was a day before its first minute.
      const before = new Date(from.getTime() - DAY_MS);
      const [made, past] = await Promise.all([
        context.store.forecasts({ functionId: fn.id, from, to }),
        pastOf(context, fn.id, before, to),
      ]);
      const accuracy = forecastAccuracy(
        made.map(({ at, ...figures }) => ({ at: at.getTime() / MINUTE_MS, ...figures })),
        past,
        before.getTime() / MINUTE_MS,
      );
      return { function: fn.name, from: from.toISOString(), to: to.toISOString(), ...accuracy };
    },
  );
}

/** Requests of every minute from `from` to `to`, 0 where nothing is known. */
async function pastOf(context: ApiContext, functionId: string, from: Date, to: Date): Promise<Float64Array> {
  const counts = new Float64Array((to.getTime() - from.getTime()) / MINUTE_MS);
  const [past] = await context.store.functionHistory({ functionIds: [functionId], from, to });
  if (past) counts.set(past.counts, counts.length - past.counts.length);
  return counts;
}

/** What was expected of each of `minutes` minutes when it began. */
function expectedOf(made: readonly ForecastRecord[], from: Date, minutes: number): ForecastView['history']['expected'] {
  const expected = new Array<ForecastView['history']['expected'][number]>(minutes).fill(null);
  for (const { at, mean, quantiles } of made) {
    const [low = 0, high = 0] = [quantiles[LOW * HORIZON], quantiles[HIGH * HORIZON]];
    expected[(at.getTime() - from.getTime()) / MINUTE_MS] = { mean: mean[0] ?? 0, low, high };
  }
  return expected;
}

function figuresOf({ at, quantiles, total, members, ...forecast }: LatestForecastRecord) {
  const [totalMean = 0, point = 0, ...totals] = total;
  const { modelId, spoke, mean, median, spike, alarms, features } = forecast;
  return {
    at: at.toISOString(),
    modelId,
    spoke,
    mean: [...mean],
    median: [...median],
    quantiles: Object.fromEntries(QUANTILES.map((q, i) => [q, quantiles.slice(i * HORIZON, (i + 1) * HORIZON)])),
    total: { mean: totalMean, point, quantiles: Object.fromEntries(QUANTILES.map((q, i) => [q, totals[i] ?? 0])) },
    spike: [...spike],
    alarms: [...alarms],
    members: members.map((member) => ({ ...member, forecast: [...member.forecast] })),
    features: { ...features },
  };
}

function windowMs(text: string): number {
  let problem = 'must be from 10m to 7d';
  try {
    const window = parseDuration(text);
    if (window >= HORIZON * MINUTE_MS && window <= MAX_WINDOW_MS) return Math.floor(window / MINUTE_MS) * MINUTE_MS;
  } catch (error) {
    problem = (error as Error).message;
  }
  throw new PlatformError('invalid_argument', `The window ${text} cannot be used: it ${problem}.`, {
    problems: [{ path: 'window', message: problem }],
  });
}
