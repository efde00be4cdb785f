import { useMemo } from 'preact/hooks';
import { href } from '../../app/router';
import type { AdviceView, LedgerLineView, PageOf, StatementView } from '../../lib/answers';
import { count, moneyOfPico, percent } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { Card, Figure, Figures } from '../../ui/card';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TimeChart } from '../../ui/time-chart';
import { StateBadge } from '../functions/state-badge';
import { adviceOf, chargedByMinute, statementShare } from './charges';
import type { TabProps } from './index';

const EVERY_MS = 15_000;
const HOUR_MS = 3_600_000;

/** What the function costs, minute by minute and this month, and what could be saved. */
export function CostTab({ fn }: TabProps) {
  const from = useMemo(() => Date.now() - HOUR_MS, [fn.name]);
  const wanted = new URLSearchParams({
    function: fn.name,
    by: 'minute',
    limit: '1000',
    from: new Date(from).toISOString(),
  });
  const lines = useQuery<PageOf<LedgerLineView>>(`/v1/cost/ledger?${wanted.toString()}`, { everyMs: EVERY_MS });
  const statement = useQuery<StatementView>('/v1/cost/statement', { everyMs: 4 * EVERY_MS });
  const advice = useQuery<{ items: readonly AdviceView[] }>('/v1/cost/recommendations', { everyMs: 4 * EVERY_MS });
  return (
    <div class="grid">
      <Card title="Cost a minute" wide>
        <QueryView query={lines}>
          {({ items }) => {
            const { times, values } = chargedByMinute(items, from, Date.now());
            return (
              <TimeChart
                title="Micro-dollars charged in each minute since an hour ago"
                unit="µ$"
                times={times}
                series={[{ label: 'charged', kind: 'area', values, colour: '--line-1' }]}
              />
            );
          }}
        </QueryView>
      </Card>
      <Card title="This month">
        <QueryView query={statement}>
          {(found) => {
            const { picoDollars, share, parts } = statementShare(found, fn.name);
            return (
              <>
                <Figures>
                  <Figure
                    id="month"
                    label={`Charged in ${found.month}`}
                    value={moneyOfPico(picoDollars)}
                    note={found.complete ? 'complete' : 'so far'}
                  />
                  <Figure
                    id="share"
                    label="Share of the statement"
                    value={percent(share)}
                    note={`of ${moneyOfPico(found.picoDollars)}`}
                  />
                </Figures>
                <Table
                  caption="Parts, the dearest first"
                  columns={[
                    { label: 'Part', value: ({ component }) => component },
                    { label: 'Quantity', numeric: true, value: ({ quantity, unit }) => `${count(quantity)} ${unit}` },
                    { label: 'Charged', numeric: true, value: (part) => moneyOfPico(part.picoDollars) },
                    { label: 'Share', numeric: true, value: (part) => percent(part.share) },
                  ]}
                  rows={parts}
                  keyOf={({ component }) => component}
                  empty={<p>Nothing has been charged this month.</p>}
                />
              </>
            );
          }}
        </QueryView>
      </Card>
      <Card title="What could be saved">
        <QueryView query={advice}>
          {({ items }) => (
            <Table
              caption={`Recommendations for ${fn.name}`}
              columns={[
                { label: 'Recommendation', value: ({ title, does }) => <>{title}<br /><span class="hint">{does}</span></> }, // prettier-ignore
                { label: 'A month', numeric: true, value: ({ monthlySavingPico }) => moneyOfPico(monthlySavingPico) },
                { label: 'Confidence', value: ({ confidence }) => confidence },
                { label: 'State', value: ({ state }) => <StateBadge state={state} /> },
              ]}
              rows={adviceOf(items, fn.name)}
              keyOf={({ id }) => id}
              empty={
                <p>
                  Nothing was found to save. Look again: <code>presage cost recommend</code>
                </p>
              }
            />
          )}
        </QueryView>
        <p class="hint">
          They are applied, and taken back, on <a href={href('cost')}>the page of costs</a>.
        </p>
      </Card>
    </div>
  );
}
