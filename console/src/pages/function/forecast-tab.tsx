import type { ForecastAccuracyView, ForecastView, MinuteCountView } from '../../lib/answers';
import { count, percent, time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { Card, Figure, Figures } from '../../ui/card';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TimeChart } from '../../ui/time-chart';
import { forecastBand, withinBand } from './forecast-band';
import type { TabProps } from './index';
import { kindCounts } from './warmth-story';

const EVERY_MS = 15_000;
const PAST_MINUTES = 60;
/** Members that are shown, the heaviest first. */
const MOST_MEMBERS = 8;

/** What is expected, with its band, against what came. */
export function ForecastTab({ fn }: TabProps) {
  const base = `/v1/functions/${encodeURIComponent(fn.name)}`;
  const forecast = useQuery<ForecastView>(`${base}/forecast?history=${PAST_MINUTES}`, { everyMs: EVERY_MS });
  const accuracy = useQuery<ForecastAccuracyView>(`${base}/forecast/accuracy?window=24h`, { everyMs: 4 * EVERY_MS });
  const counts = useQuery<{ items: readonly MinuteCountView[] }>(`${base}/counts`, { everyMs: EVERY_MS });
  return (
    <div class="grid">
      <Card title="Requests a minute: expected and real" wide>
        <QueryView query={forecast}>{(found) => <Expected found={found} />}</QueryView>
      </Card>
      <Card title="How right it was">
        <QueryView query={accuracy}>{(found) => <Accuracy found={found} />}</QueryView>
      </Card>
      <Card title="What it is made of">
        <QueryView query={forecast}>{(found) => <Made found={found} />}</QueryView>
      </Card>
      <Card title="Starts of the last hour" wide>
        <QueryView query={counts}>
          {({ items }) => (
            <Figures>
              <Figure label="Requests" value={count(items.reduce((sum, { total }) => sum + total, 0))} />
              {kindCounts(items).map(({ kind, count: starts }) => (
                <Figure id={`hour-${kind}`} label={kind} value={count(starts)} />
              ))}
            </Figures>
          )}
        </QueryView>
      </Card>
    </div>
  );
}

function Expected({ found }: { found: ForecastView }) {
  const band = forecastBand(found);
  const within = withinBand(band);
  const { total } = found;
  return (
    <>
      <Figures>
        <Figure
          id="next-10"
          label="Next 10 minutes"
          value={count(total.mean)}
          note={`9 of 10 times between ${count(total.quantiles['0.05'])} and ${count(total.quantiles['0.95'])}`}
        />
        <Figure
          id="within-band"
          label="Past minutes within their band"
          value={percent(within.share)}
          note={within.minutes === 0 ? 'none had been forecast yet' : `of ${within.minutes} that had been forecast`}
        />
      </Figures>
      <TimeChart
        title={`The last ${PAST_MINUTES} minutes and the next ${found.mean.length}`}
        unit=""
        times={band.times}
        series={[
          {
            label: 'where 9 of 10 minutes should lie',
            kind: 'band',
            values: band.high,
            low: band.low,
            colour: '--line-2',
          },
          { label: 'expected', kind: 'line', values: band.mean, colour: '--line-2', dashed: true },
          { label: 'came', kind: 'line', values: band.actual, colour: '--line-1' },
        ]}
      />
      <p class="hint">
        For a past minute: what was expected as it began. The forecast of now was made for {time(found.at)} on.
      </p>
    </>
  );
}

function Accuracy({ found }: { found: ForecastAccuracyView }) {
  if (found.forecasts === 0)
    return <p class="empty">No forecast is old enough yet: all ten of its minutes must have passed.</p>;
  return (
    <>
      <Figures>
        <Figure
          label="Error (WAPE)"
          value={percent(found.wape)}
          note={`as an hour before: ${percent(found.hourAgoWape)}, as a day before: ${percent(found.dayAgoWape)}`}
        />
        <Figure
          label="Error of 10 minutes (MAPE)"
          value={percent(found.mape10)}
          note={`without the ${percent(found.zeroShare)} that had no requests`}
        />
        <Figure label="Within the 90 % band" value={percent(found.coverage90)} />
        <Figure
          label="Spikes foretold"
          value={percent(found.spikeRecall)}
          note={`false alarms: ${percent(found.falseAlarmRate)}`}
        />
      </Figures>
      <p class="hint">
        {found.forecasts} forecasts and {count(found.requests)} requests of the last 24 h. The same:{' '}
        <code>presage forecast accuracy {found.function}</code>
      </p>
    </>
  );
}

function Made({ found }: { found: ForecastView }) {
  const { modelId, trainingWindow, errorBand, hourError } = found;
  const members = [...found.members].sort((a, b) => b.weight - a.weight).slice(0, MOST_MEMBERS);
  return (
    <>
      <p>
        {modelId === null
          ? 'It has no model of its own yet: the network of all functions forecasts it.'
          : `Model ${modelId.replace('sha256:', '').slice(0, 12)}`}
        {trainingWindow && `, trained on ${time(trainingWindow.from)} to ${time(trainingWindow.to)}`}.{' '}
        {errorBand && `It drifts where its error stays above ${percent(errorBand.limit)} for an hour; `}
        {hourError !== null && `the last hour’s is ${percent(hourError)}.`}
      </p>
      <Table
        caption="Members of the forecast, the heaviest first"
        columns={[
          { label: 'Member', value: ({ name }) => name },
          { label: 'Weight', numeric: true, value: ({ weight }) => percent(weight) },
          { label: 'Next minute', numeric: true, value: ({ forecast }) => count(forecast[0]) },
        ]}
        rows={members}
        keyOf={({ name }) => name}
        empty={<p>No member has a say yet.</p>}
      />
      {found.members.length > members.length && (
        <p class="hint">
          The {members.length} heaviest of {found.members.length} members. All:{' '}
          <code>presage forecast {found.function}</code>
        </p>
      )}
    </>
  );
}
