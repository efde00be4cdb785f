import { useState } from 'preact/hooks';
import type { StatementView } from '../../lib/answers';
import { open } from '../../lib/api';
import { moneyOfPico, percent } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useSending } from '../../lib/use-sending';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card, Figure, Figures } from '../../ui/card';
import { Problem } from '../../ui/problem';
import { QueryView } from '../../ui/query-view';
import { Table, type Column } from '../../ui/table';
import { ChoiceField } from '../../ui/text-field';
import { COMPONENT_WORDS, COMPONENTS, lastMonths, statementRows, type StatementRow } from './spend-model';

const MONTHS = 12;
/** How long the browser may take to save a file. */
const KEPT_MS = 60_000;

/** What a month has cost, by function and component. */
export function StatementTab() {
  const months = lastMonths(new Date(), MONTHS);
  const [month, setMonth] = useState(months[0] ?? '');
  const query = useQuery<StatementView>(`/v1/cost/statement?month=${month}`);
  return (
    <Card title="Statement" wide>
      <ChoiceField
        label="Month"
        value={month}
        options={months.map((each) => [each, each] as const)}
        onChoose={setMonth}
      />
      <QueryView query={query}>{(statement) => <Statement statement={statement} />}</QueryView>
      <p class="hint">
        The same by command: <code>presage cost statement {month}</code>
      </p>
    </Card>
  );
}

function Statement({ statement }: { statement: StatementView }) {
  const shown = COMPONENTS.filter((component) => statement.parts.some((part) => part.component === component));
  const columns: Column<StatementRow>[] = [
    { label: 'Function', value: (row) => row.function },
    ...shown.map((component): Column<StatementRow> => {
      return {
        label: component,
        numeric: true,
        value: ({ parts }) => (parts[component] === undefined ? '–' : moneyOfPico(parts[component])),
      };
    }),
    { label: 'To pay', numeric: true, value: (row) => moneyOfPico(row.picoDollars) },
    { label: 'Share', numeric: true, value: (row) => percent(row.share) },
  ];
  return (
    <>
      <Figures>
        <Figure
          id="month"
          label={`Charged in ${statement.month}`}
          value={moneyOfPico(statement.paid.picoDollars)}
          note={<Badge tone={statement.complete ? 'good' : 'info'}>{statement.complete ? 'complete' : 'so far'}</Badge>}
        />
        {statement.paid.picoDollars !== statement.picoDollars && (
          <Figure
            id="credit"
            label="Credit for late calls"
            value={moneyOfPico(String(BigInt(statement.picoDollars) - BigInt(statement.paid.picoDollars)))}
            note="paid by nobody"
          />
        )}
      </Figures>
      <Table
        caption={`Functions in ${statement.month}, the dearest first`}
        columns={columns}
        rows={statementRows(statement)}
        keyOf={(row) => row.functionId}
        empty={<p>Nothing was charged in this month.</p>}
      />
      <p class="hint">{shown.map((component) => `${component}: ${COMPONENT_WORDS[component]}`).join('; ')}</p>
      <Export statement={statement} />
    </>
  );
}

/** Files of the month; a link could not carry the key. */
function Export({ statement }: { statement: StatementView }) {
  const sending = useSending();
  const save = (format: 'csv' | 'focus') =>
    sending.run(async () => {
      const query = new URLSearchParams({ from: statement.from, to: statement.to, by: 'day', format });
      const answer = await open('GET', `/v1/cost/ledger?${query.toString()}`);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await answer.blob());
      link.download = `presage-${statement.tenant}-${statement.month}-${format}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
    });
  return (
    <>
      <div class="actions">
        <Button busy={sending.busy} onClick={() => void save('csv')}>
          Save as CSV
        </Button>
        <Button busy={sending.busy} onClick={() => void save('focus')}>
          Save as FOCUS 1.2
        </Button>
      </div>
      {sending.error && <Problem error={sending.error} />}
    </>
  );
}
