import { sql } from 'kysely';
import { CALL_COMPONENTS, CALL_SCALES, type CallComponent } from '../../../core/cost/call-usage';
import type { CallCosts } from '../../../core/cost/cost-sum';
import { CREDIT } from '../../../core/cost/price-table';

/** Where the minutes of a function hold what its calls used of each and has not been posted. */
const USED: Readonly<Record<CallComponent, string>> = {
  request: 'requests',
  compute: 'measured_cpu_micros',
  memory: 'memory_byte_ms',
  network: 'bytes_out',
  impact: 'late_ms',
};
const used = CALL_COMPONENTS.map((component) => USED[component]);
const costs = CALL_COMPONENTS.map((component) => `cost_${component}`);
const columns = [...used, ...costs];
const sums = (of: 'used' | 'cost'): string[] =>
  CALL_COMPONENTS.map((_, part) => `coalesce(sum(${of}[${part + 1}]), 0)`);

/** Costs as PostgreSQL is given them: amounts as text, which may be beyond what JSON's readers hold. */
export function givenCosts({ used: quantities, cost }: CallCosts): {
  used: readonly number[];
  cost: readonly string[];
} {
  return { used: quantities, cost: cost.map(String) };
}
/** What of it a record set is told. */
export const GIVEN_COSTS = 'used double precision[], cost numeric[]';

/** The columns of `function_minutes` that hold what is to be posted. */
export const COST_COLUMNS = sql.raw(`${columns.join()}, unposted`);
/** What they get of rows that have been given costs, in the same order. */
export const COST_SUMS = sql.raw(
  [
    ...sums('used'),
    ...sums('cost'),
    `coalesce(sum(${CALL_COMPONENTS.map((_, part) => `cost[${part + 1}]`).join('+')}), 0) > 0`,
  ]
    .map((value, index) => `${value} as ${[...columns, 'unposted'][index]}`)
    .join(),
);
/** The same out of a join that may have found none. */
export const COST_FOUND = sql.raw(
  [...columns.map((column) => `coalesce(${column}, 0)`), 'coalesce(unposted, false)'].join(),
);
/** How a minute that is there already takes more. */
export const COST_ADDED = sql.raw(
  [
    ...columns.map((column) => `${column} = old.${column} + excluded.${column}`),
    'unposted = old.unposted or excluded.unposted',
  ].join(),
);
/** Back to nothing, when they have been posted. */
export const COST_CLEARED = sql.raw([...columns.map((column) => `${column} = 0`), 'unposted = false'].join());
/** What of a minute is to be paid, summed over the components. */
export const COST_PAID = sql.raw(costs.filter((_, part) => CALL_COMPONENTS[part] !== CREDIT).join(' + '));
/** A line for each component: its name, its quantity in the unit that has a price, its amount. */
export const COST_LINES = sql.raw(
  CALL_COMPONENTS.map(
    (component, part) => `('${component}', ${used[part]} / ${CALL_SCALES[part]}, ${costs[part]})`,
  ).join(),
);
