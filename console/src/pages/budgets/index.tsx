import { useState } from 'preact/hooks';
import { href, navigate } from '../../app/router';
import type { BudgetView, PageOf } from '../../lib/answers';
import { money, time } from '../../lib/format';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { BudgetDialog } from './budget-dialog';
import { standing } from './budget-model';
import { STANDING, SpendMeter } from './spend-meter';

const EVERY_MS = 10_000;
export const BUDGET_EVENTS = ['budget.alert', 'budget.degraded', 'budget.exhausted', 'budget.restored', 'budget.set', 'budget.deleted', 'budget.webhook-failed']; // prettier-ignore

/** Budgets of the tenant, and how they stand. */
export default function BudgetsPage() {
  return (
    <>
      <h1>Budgets</h1>
      <NeedsScope scope="read" to="see budgets">
        <Budgets />
      </NeedsScope>
    </>
  );
}

function Budgets() {
  const [making, setMaking] = useState(false);
  const query = useQuery<PageOf<BudgetView>>('/v1/budgets?limit=1000', { everyMs: EVERY_MS });
  useEvents({ types: BUDGET_EVENTS }, query.reload);
  return (
    <>
      <Card title="Budgets of the tenant">
        <QueryView query={query}>
          {({ items }) => (
            <Table
              caption="Budgets"
              columns={[
                { label: 'Budget', value: (budget) => <a href={href('budgets', budget.name)}>{budget.name}</a> },
                {
                  label: 'Stands',
                  value: (budget) => (
                    <Badge tone={STANDING[standing(budget)].tone}>{STANDING[standing(budget)].word}</Badge>
                  ),
                },
                { label: 'Spent', value: (budget) => <SpendMeter budget={budget} /> },
                {
                  label: 'Forecast',
                  numeric: true,
                  value: (budget) => (budget.forecast === null ? '–' : money(budget.forecast)),
                },
                { label: 'Period ends', value: (budget) => time(budget.periodEnd) },
                { label: 'Steps in force', value: (budget) => budget.steps.join(', ') || 'none' },
              ]}
              rows={items}
              keyOf={(budget) => budget.name}
              empty={
                <p>
                  Nothing limits what functions may cost. Make a budget below, or:{' '}
                  <code>presage budget set month --limit 250</code>
                </p>
              }
            />
          )}
        </QueryView>
        <NeedsScope scope="admin" to="make a budget">
          <Button kind="main" onClick={() => setMaking(true)}>
            New budget
          </Button>
        </NeedsScope>
      </Card>
      {making && <BudgetDialog onClose={() => setMaking(false)} done={({ name }) => navigate(href('budgets', name))} />}
    </>
  );
}
