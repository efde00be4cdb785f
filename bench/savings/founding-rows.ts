import type { UnitPrices } from '../../core/cost/price-table';
import { figure, type Figure } from '../harness/report';
import { markdownTable } from '../harness/markdown-table';
import type { Scored } from '../policy/slots/slot-outcome';
import { billSum, dollarsOf, type BillSum } from './bill-sum';
import { playLedger, type Setting } from './play-ledger';
import type { SavingsFunction } from './savings-function';

const DAY = 86_400n;

/** The founding document's three, and what it says that they cost a day. */
const ROWS = [
  { name: 'baseline', of: 'reactive: ends a minute after its last use', policy: 'fixed:1m', claimed: 100 },
  { name: 'fixed', of: 'fixed pools: ten minutes', policy: 'fixed:10m', claimed: 180 },
  { name: 'predictive', of: 'predictive: presage', policy: 'presage', claimed: 110 },
] as const;

/** Its cost rows, reckoned call by call: starts from nothing, as there were no checkpoints, and memory as much as was used. */
export function foundingRows(
  functions: readonly SavingsFunction[],
  stretch: Scored,
  { tables, names }: { readonly tables: readonly UnitPrices[]; readonly names: readonly string[] },
): { readonly figures: Figure[]; readonly section: string[] } {
  const setting = (policy: string): Setting => ({
    policy,
    memoryBytes: functions.map(({ usedBytes }) => Math.round(usedBytes)),
    checkpoints: functions.map(() => false),
  });
  const played = ROWS.map(({ policy }) => playLedger(functions, setting(policy), [stretch], tables)[0] ?? []);
  const section: string[] = [
    '## The founding document’s costs',
    '',
    'Its table "Cost Impact" (dollars a day: baseline 100, fixed pools 180, predictive 110), from the ledger’s arithmetic. The document says neither prices nor traffic, so that only the ratios compare; its baseline counts what a cold start does to callers, which is `impact` here.',
    '',
  ];
  const figures: Figure[] = [];
  for (const [table, preset] of names.entries()) {
    const sums = played.map((outcomes) => billSum(outcomes, table));
    const base = sums[0] as BillSum;
    ROWS.forEach(({ name }, row) => {
      const { total, calls } = sums[row] as BillSum;
      figures.push(figure(`savings.founding.${preset}.${name}`, '$/day', dollarsOf(aDay(total, stretch)), calls));
    });
    section.push(
      `### Prices: ${preset}`,
      '',
      ...markdownTable(
        ['', 'claimed, $ a day', '$ a day', 'of it credits', 'baseline = 100', 'without credits', 'found no instance'],
        ROWS.map(({ of, claimed }, row) => {
          const { total, spent, bill, started, calls } = sums[row] as BillSum;
          return [
            of,
            String(claimed),
            dollarsOf(aDay(total, stretch)).toFixed(4),
            dollarsOf(aDay(bill.impact, stretch)).toFixed(4),
            hundredOf(total, base.total),
            hundredOf(spent, base.spent),
            `${((100 * started) / Math.max(1, calls)).toFixed(3)} %`,
          ];
        }),
      ),
      '',
    );
  }
  return { figures, section };
}

function aDay(amount: bigint, { from, to }: Scored): bigint {
  return (amount * DAY) / BigInt(Math.round(to - from));
}

function hundredOf(amount: bigint, base: bigint): string {
  return base === 0n ? '' : (Number((10_000n * amount) / base) / 100).toFixed(1);
}
