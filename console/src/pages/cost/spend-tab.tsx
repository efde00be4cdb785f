import { useMemo, useState } from 'preact/hooks';
import type { LedgerLineView, PageOf, StatementView } from '../../lib/answers';
import { moneyOfPico, percent } from '../../lib/format';
import { moneyScale } from '../../lib/money-scale';
import { useQuery } from '../../lib/use-query';
import { Card, Figure, Figures } from '../../ui/card';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { ChoiceField } from '../../ui/text-field';
import { TimeChart } from '../../ui/time-chart';
import { COMPONENT_WORDS, ledgerPath, RANGES, spendByComponent, type Range } from './spend-model';
import '../functions/functions.css';

const EVERY_MS = 60_000;
const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4', '--hot', '--warm', '--cold'] as const;

/** Spend over time by component, of all functions or of one. */
export function SpendTab() {
  const [range, setRange] = useState<Range>('24h');
  const [fn, setFn] = useState('');
  const statement = useQuery<StatementView>('/v1/cost/statement');
  const now = useMemo(() => Date.now(), [range, fn]);
  const lines = useQuery<PageOf<LedgerLineView>>(ledgerPath(range, fn, now), { everyMs: EVERY_MS });
  // One that was deleted has no ledger of its own to ask for by name, and two may have had the name.
  const names = [...new Set(statement.data?.functions.map((row) => row.function) ?? [])].sort();
  return (
    <Card title="Spend by component" wide>
      <div class="filters">
        <ChoiceField
          label="Time"
          value={range}
          options={Object.entries(RANGES).map(([key, { label }]) => [key, label] as const)}
          onChoose={(key) => setRange(key as Range)}
        />
        <ChoiceField
          label="Function"
          value={fn}
          options={[['', 'all together'], ...names.map((name) => [name, name] as const)]}
          onChoose={setFn}
        />
      </div>
      <QueryView query={lines}>{({ items }) => <Spend items={items} range={range} now={now} />}</QueryView>
    </Card>
  );
}

function Spend({ items, range, now }: { items: readonly LedgerLineView[]; range: Range; now: number }) {
  const { times, series, total, credit } = useMemo(() => spendByComponent(items, range, now), [items, range, now]);
  const { unit, perDollar } = moneyScale(Math.max(0, ...series.flatMap(({ values }) => values)));
  if (series.length === 0 && credit === 0n) {
    return (
      <p class="empty">
        Nothing was charged in this time; what is charged comes into the ledger when its minute is over. Call a
        function: <code>presage invoke NAME</code>
      </p>
    );
  }
  return (
    <>
      <Figures>
        <Figure
          id="total"
          label={`In ${RANGES[range].label}`}
          value={moneyOfPico(String(total))}
          note="as far as the ledger goes"
        />
        {credit > 0n && (
          <Figure id="credit" label="Credit for late calls" value={moneyOfPico(String(credit))} note="paid by nobody" />
        )}
      </Figures>
      <TimeChart
        title={`Charged by ${RANGES[range].by}`}
        unit={unit}
        times={times}
        series={series.map(({ component, values }, index) => ({
          label: COMPONENT_WORDS[component],
          kind: 'area',
          values: values.map((value) => value * perDollar),
          colour: COLOURS[index % COLOURS.length] ?? '--line-1',
        }))}
      />
      <Table
        caption="Components, in all of this time"
        columns={[
          { label: 'Component', value: ({ component }) => `${component}: ${COMPONENT_WORDS[component]}` },
          { label: 'Charged', numeric: true, value: (row) => moneyOfPico(String(row.total)) },
          { label: 'Share', numeric: true, value: (row) => percent(Number(row.total) / Number(total)) },
        ]}
        rows={series}
        keyOf={({ component }) => component}
        empty={null}
      />
      <p class="hint">
        The same by command: <code>{`presage cost ledger --by ${RANGES[range].by} --from ${range} --sum`}</code>
      </p>
    </>
  );
}
