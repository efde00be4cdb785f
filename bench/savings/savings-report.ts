import { markdownTable } from '../harness/markdown-table';
import { dollarsOf, savedPercent, type BillSum } from './bill-sum';
import { BILL_PARTS, PROMISED_WAIT_MS } from './ledger-tally';

/** A setting with what it came to. */
export interface NamedBill {
  readonly name: string;
  readonly sum: BillSum;
}

export const METHOD = [
  '## How it is reckoned',
  '',
  `The functions, calls and rests of \`npm run bench -- policy\` on \`azure12d\`. Defaults are the manifest's: an instance stays frozen for ten minutes after its last use, has 256 MiB, doubled until it is enough for the highest use of the function whose memory was drawn, and a checkpoint after its first request (*with checkpoints*; *without* them, as for runtime \`http\`, each start is from nothing). The strategies of \`core/cost/advice\` see days 4-9, days 1-3 being there to learn from, and what they advise is carried out for the days after, which they have not seen. A call is promised its own execution time and ${PROMISED_WAIT_MS} ms; one that waits longer for its instance is late. Each call's amounts come from \`invocationCost\`, warmth and checkpoints from \`picoOf\`: whole picodollars, as in the ledger. *Spend* leaves out the credits for late calls (\`impact\`). The trace knows of no nodes, regions, CPU or answers: network placement, consolidation and CPU have nothing to act on.`,
  '',
];

/** One row for each setting, the first being what the others are compared to. */
export function settingTable(rows: readonly NamedBill[]): string[] {
  const first = rows[0]?.sum;
  return markdownTable(
    ['', 'spend, $', 'saved', 'with credits, $', 'saved', 'late calls', 'found no instance', ...BILL_PARTS],
    rows.map(({ name, sum }) => [
      name,
      dollarsOf(sum.spent).toFixed(4),
      first ? `${savedPercent(first.spent, sum.spent).toFixed(1)} %` : '',
      dollarsOf(sum.total).toFixed(4),
      first ? `${savedPercent(first.total, sum.total).toFixed(1)} %` : '',
      share(sum.late, sum.calls),
      share(sum.started, sum.calls),
      ...BILL_PARTS.map((part) => dollarsOf(sum.bill[part]).toFixed(4)),
    ]),
  );
}

function share(part: number, all: number): string {
  return `${part} (${((100 * part) / Math.max(1, all)).toFixed(3)} %)`;
}
