import { UNITS, type Unit } from '../../core/cost/price-table';
import { TIERS } from '../../core/function/manifest';
import type { ContextOf } from '../command-context';
import type { PriceTableResource } from '../cost-resources';
import { showPrice } from '../quantities';
import { addCostAdvice } from './cost-advice';
import { addLedger } from './ledger';
import type { Verb } from '../verb';

const WORDS: Readonly<Record<Unit, string>> = {
  request: 'request',
  cpuSecond: 'second of a core',
  gbSecondRunning: 'GB·s of memory, running',
  gbSecondFrozen: 'GB·s of memory, frozen',
  checkpointGbMonth: 'GB of checkpoints for a month',
  otherRegionGb: 'GB to another region',
  internetGb: 'GB to an unknown place',
  slaSecond: 'second over an SLA',
};

export function addCost(program: Verb, contextOf: ContextOf): void {
  const cost = program.command('cost').description('what things cost, and what was charged');
  addCostAdvice(cost, contextOf);

  cost
    .command('prices')
    .description('the price of a unit of everything, by the tier of the node')
    .calls('GET /v1/cost/prices')
    .example('presage cost prices')
    .action(async (_options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const found = await api.get<PriceTableResource>('/v1/cost/prices');
      await output.item(found, async () => {
        const facts = output.fields([
          ['Prices', `${found.table} (${found.tableId})`],
          ['From', found.source],
          ['As of', found.asOf],
        ]);
        const table = await output.table(UNITS, [
          ['A', (unit) => WORDS[unit]],
          ...TIERS.map((tier) => [tier.toUpperCase(), (unit: Unit) => showPrice(found.tiers[tier][unit])] as const),
        ]);
        return `${facts}\n\n${table}`;
      });
    });

  addLedger(cost, contextOf);
}
