import type { Unit } from '../../../../core/cost/price-table';
import type { PriceTableView } from '../../lib/answers';
import { TIER_ORDER } from '../../lib/tiers';
import { useQuery } from '../../lib/use-query';
import { Card } from '../../ui/card';
import { QueryView } from '../../ui/query-view';
import { Table, type Column } from '../../ui/table';

/** Units for people; types alone come from the core. */
const UNIT_WORDS: Readonly<Record<Unit, string>> = {
  cpuSecond: 'a core that works for a second',
  gbSecondRunning: 'a GB held running for a second',
  gbSecondFrozen: 'a GB held frozen for a second',
  checkpointGbMonth: 'a GB of checkpoints kept for 30 days',
  otherRegionGb: 'a GB sent to another region',
  internetGb: 'a GB sent to somewhere that is not known',
  request: 'a request',
  slaSecond: 'credit for a second beyond the promised latency',
};
const UNITS = Object.keys(UNIT_WORDS) as readonly Unit[];

/** What a unit of everything costs, by the tier of the node. */
export function PricesTab() {
  const query = useQuery<PriceTableView>('/v1/cost/prices');
  return (
    <Card title="Price table" wide>
      <QueryView query={query}>
        {({ table, tableId, asOf, source, tiers }) => (
          <>
            <p>
              <strong>{table}</strong> {asOf === null ? '(the operator’s own)' : `as of ${asOf}`}: {source}{' '}
              <code>{tableId}</code>
            </p>
            <Table
              caption="Prices in micro-dollars"
              columns={[
                { label: 'Micro-dollars for', value: (unit) => UNIT_WORDS[unit] },
                ...TIER_ORDER.map((tier): Column<Unit> => ({ label: tier, numeric: true, value: (unit) => String(Number(tiers[tier][unit].toPrecision(6))) })), // prettier-ignore
              ]}
              rows={UNITS}
              keyOf={(unit) => unit}
              empty={null}
            />
            <p class="hint">
              Prices come from <code>cost.preset</code> and <code>cost.prices</code> of the platform’s configuration;
              what was charged keeps the table that was in force. The same by command: <code>presage cost prices</code>
            </p>
          </>
        )}
      </QueryView>
    </Card>
  );
}
