import { useMemo, useState } from 'preact/hooks';
import type { OverviewView } from '../../../../gateway/api/routes/overview-routes';
import { href } from '../../app/router';
import { useQuery } from '../../lib/use-query';
import { useSession } from '../../session/session';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card, Figure, Figures } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TimeChart } from '../../ui/time-chart';
import { budgetRows, figuresOf, latencySeries, startSeries, trafficSeries } from './overview-model';

const WINDOWS: readonly OverviewView['window'][] = ['1h', '6h', '24h', '7d'];
/** Between two looks: the gateway has nothing newer for an hour's window before. */
const EVERY_MS = 5_000;
/** Hours from which on latencies are a line rather than some points. */
const FEW_HOURS = 3;

/** How the tenant's functions do, at a glance. */
export default function OverviewPage() {
  const { tenant } = useSession();
  return (
    <>
      <h1>Overview of {tenant}</h1>
      <NeedsScope scope="read" to="see what functions do">
        <Shown />
      </NeedsScope>
    </>
  );
}

function Shown() {
  const [window, setWindow] = useState<OverviewView['window']>('1h');
  const query = useQuery<OverviewView>(`/v1/overview?window=${window}`, { everyMs: EVERY_MS });
  return (
    <>
      <div class="actions" role="group" aria-label="Window">
        {WINDOWS.map((one) => (
          <Button onClick={() => setWindow(one)} pressed={one === window}>
            {one}
          </Button>
        ))}
      </div>
      <QueryView query={query}>{(view) => <Glance view={view} />}</QueryView>
    </>
  );
}

function Glance(props: { view: OverviewView }) {
  const { view } = props;
  const times = useMemo(() => view.points.map(({ at }) => Date.parse(at)), [view]);
  const hours = useMemo(() => view.latency.hours.map(({ at }) => Date.parse(at)), [view]);
  const series = useMemo(
    () => ({ traffic: trafficSeries(view), starts: startSeries(view), waits: latencySeries(view) }),
    [view],
  );
  return (
    <div class="grid">
      <Card title="Now" wide>
        {view.functions === 0 && (
          <p class="empty">
            No function is deployed yet. <code>presage init hello && presage deploy hello</code> makes the first one.
          </p>
        )}
        <Figures>
          {figuresOf(view).map(({ id, label, value, note, tone }) => (
            <Figure
              key={id}
              id={id}
              label={label}
              note={note}
              value={tone === null ? value : <Badge tone={tone}>{value}</Badge>}
            />
          ))}
        </Figures>
      </Card>
      <Card title="Traffic">
        <TimeChart title={`Invocations in each ${stepOf(view)}`} series={series.traffic} times={times} unit="" />
      </Card>
      <Card title="Starts">
        <TimeChart
          title={`How an instance was got, in each ${stepOf(view)}`}
          series={series.starts}
          times={times}
          unit=""
        />
      </Card>
      {hours.length >= FEW_HOURS && (
        <Card title="Latency">
          <TimeChart title="To the first byte, by the hour" series={series.waits} times={hours} unit="ms" />
        </Card>
      )}
      <Card title="Spend against budget" wide={hours.length < FEW_HOURS}>
        <Table
          caption="Spend against budget"
          columns={[
            { label: 'Budget', value: ({ name }) => <a href={href('budgets')}>{name}</a> },
            { label: 'Spent', value: ({ spent }) => spent, numeric: true },
            { label: 'Limit', value: ({ limit }) => limit, numeric: true },
            { label: 'Used', value: ({ percent, tone }) => <Badge tone={tone}>{percent} %</Badge>, numeric: true },
            { label: 'By its end', value: ({ forecast }) => forecast, numeric: true },
            { label: 'In force', value: ({ state }) => state },
          ]}
          rows={budgetRows(view)}
          keyOf={({ name }) => name}
          empty={
            <>
              There is no budget. <code>presage budget set NAME --limit 100 --period monthly</code> makes one.
            </>
          }
        />
      </Card>
    </div>
  );
}

function stepOf({ stepSeconds }: OverviewView): string {
  if (stepSeconds === 60) return 'minute';
  return stepSeconds < 3600 ? `${stepSeconds / 60} minutes` : `${stepSeconds / 3600} hours`;
}
