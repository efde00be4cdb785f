import { useMemo, useState } from 'preact/hooks';
import { href, navigate } from '../../app/router';
import type { BudgetAlertView, BudgetForecastView, BudgetView } from '../../lib/answers';
import { send } from '../../lib/api';
import { money, time } from '../../lib/format';
import { moneyScale } from '../../lib/money-scale';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import type { PageProps } from '../../routes';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card, Figure, Figures } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TimeChart } from '../../ui/time-chart';
import { StateBadge } from '../functions/state-badge';
import { BudgetDialog } from './budget-dialog';
import { BUDGET_EVENTS } from './index';
import { ladderRows, spendChart, standing } from './budget-model';
import { SpendMeter, STANDING } from './spend-meter';

const EVERY_MS = 5_000;

/** One budget: spend against limit with its forecast, the ladder, and what it has told of. */
export default function BudgetPage({ params }: PageProps) {
  const { name = '' } = params;
  return (
    <>
      <p>
        <a href={href('budgets')}>Budgets</a>
      </p>
      <h1>Budget {name}</h1>
      <NeedsScope scope="read" to="see a budget">
        <Budget name={name} />
      </NeedsScope>
    </>
  );
}

function Budget({ name }: { name: string }) {
  const path = `/v1/budgets/${encodeURIComponent(name)}`;
  const budget = useQuery<BudgetView>(path, { everyMs: EVERY_MS });
  const forecast = useQuery<BudgetForecastView>(`${path}/forecast`, { everyMs: EVERY_MS });
  const alerts = useQuery<{ items: readonly BudgetAlertView[] }>(`${path}/alerts`, { everyMs: EVERY_MS });
  const [asked, setAsked] = useState<'change' | 'delete'>();
  const reload = () => [budget, forecast, alerts].forEach((query) => query.reload());
  useEvents({ types: BUDGET_EVENTS }, reload);
  return (
    <QueryView query={budget}>
      {(found) => (
        <div class="grid">
          <Card title="How it stands" wide>
            <p role="status">
              <Badge tone={STANDING[standing(found)].tone}>{STANDING[standing(found)].word}</Badge>{' '}
              <SpendMeter budget={found} />
            </p>
            <Figures>
              <Figure
                id="spent"
                label="Spent"
                value={money(found.spent)}
                note={`${found.percent} % of ${money(found.spec.limit)}`}
              />
              <Figure
                id="forecast"
                label="Forecast"
                value={found.forecast === null ? '–' : money(found.forecast)}
                note={
                  found.decidedAt === null
                    ? 'decided within a minute'
                    : `of all by the end; decided ${time(found.decidedAt)}`
                }
              />
              <Figure
                id="ends"
                label="Period ends"
                value={time(found.periodEnd)}
                note={`${found.spec.period}, ${found.spec.timeZone}`}
              />
            </Figures>
            <QueryView query={forecast}>{(ahead) => <SpendOverTime budget={found} forecast={ahead} />}</QueryView>
          </Card>
          <Card title="Ladder" wide>
            <Ladder budget={found} forecast={forecast.data} />
          </Card>
          <Card title="Alerts" wide>
            <QueryView query={alerts}>{({ items }) => <Alerts items={items} alertAt={found.spec.alertAt} />}</QueryView>
          </Card>
          <Card title="Change it">
            <NeedsScope scope="admin" to="change a budget">
              {found.origin === 'api' ? (
                <div class="actions">
                  <Button onClick={() => setAsked('change')}>Change</Button>
                  <Button kind="danger" onClick={() => setAsked('delete')}>
                    Delete
                  </Button>
                </div>
              ) : (
                <p class="hint">
                  It is an object of Kubernetes: change it there, with <code>kubectl edit budget {name}</code>.
                </p>
              )}
            </NeedsScope>
          </Card>
          {asked === 'change' && (
            <BudgetDialog
              budget={found}
              onClose={() => setAsked(undefined)}
              done={() => {
                setAsked(undefined);
                reload();
              }}
            />
          )}
          {asked === 'delete' && (
            <ConfirmDialog
              title={`Delete ${name}?`}
              confirm="Delete it"
              danger
              cli={`presage budget delete ${name}`}
              onConfirm={() => send('DELETE', path).then(() => navigate(href('budgets')))}
              onClose={() => setAsked(undefined)}
            >
              <p>What it has held back goes on; nothing limits these functions any more.</p>
            </ConfirmDialog>
          )}
        </div>
      )}
    </QueryView>
  );
}

function SpendOverTime({ budget, forecast }: { budget: BudgetView; forecast: BudgetForecastView }) {
  const chart = useMemo(() => spendChart(budget, forecast, Date.now()), [budget, forecast]);
  const { unit, perDollar } = moneyScale(Math.max(Number(forecast.limit), Number(forecast.forecast ?? 0)));
  const scaled = (values: readonly (number | null)[]) =>
    values.map((value) => (value === null ? null : value * perDollar));
  return (
    <TimeChart
      title="Spend over the period against the limit"
      unit={unit}
      times={chart.times}
      series={[
        { label: 'spent', kind: 'area', values: scaled(chart.spent), colour: '--line-1' },
        { label: 'forecast', kind: 'line', values: scaled(chart.forecast), colour: '--line-2', dashed: true },
        { label: 'limit', kind: 'line', values: scaled(chart.limit), colour: '--bad' },
      ]}
    />
  );
}

function Ladder({ budget, forecast }: { budget: BudgetView; forecast: BudgetForecastView | undefined }) {
  return (
    <Table
      caption="What is done as it runs out, the mildest first"
      columns={[
        { label: 'Step', value: ({ step }) => <code>{step}</code> },
        { label: 'Does', value: ({ does }) => does },
        {
          label: 'In force',
          value: ({ inForce, since }) =>
            inForce ? <Badge tone="warn">{since === null ? 'yes' : `since ${time(since)}`}</Badge> : 'no',
        },
        {
          label: 'Saves an hour',
          numeric: true,
          value: ({ savesPerHour }) => (savesPerHour === null ? '–' : money(savesPerHour)),
        },
        { label: 'Until the end', numeric: true, value: ({ saves }) => (saves === null ? '–' : money(saves)) },
      ]}
      rows={ladderRows(budget, forecast)}
      keyOf={({ step }) => step}
      empty={<p>It does nothing but tell: no step is named in it.</p>}
    />
  );
}

function Alerts({ items, alertAt }: { items: readonly BudgetAlertView[]; alertAt: readonly number[] }) {
  return (
    <Table
      caption="Alerts, the newest first"
      columns={[
        { label: 'At', value: ({ at }) => time(at) },
        { label: 'Reached', numeric: true, value: ({ percent }) => `${percent} %` },
        {
          label: 'Webhook',
          value: ({ delivery }) => <StateBadge state={delivery === 'none' ? 'no webhook' : delivery} />,
        },
        { label: 'Tries', numeric: true, value: ({ tries }) => tries },
        { label: 'Why not', value: ({ error }) => error ?? '' },
      ]}
      rows={items}
      keyOf={({ periodStart, percent }) => `${periodStart} ${percent}`}
      empty={
        <p>
          {alertAt.length === 0
            ? 'It tells of nothing: no percent is named in it.'
            : `Nothing was reached yet; it tells at ${alertAt.join(', ')} %.`}
        </p>
      }
    />
  );
}
