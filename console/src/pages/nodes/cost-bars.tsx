import { Table } from '../../ui/table';
import { microDollars, shareOfDearest, TERM_WORDS, type TermRow } from './plan-model';

/** Costs by term, in numbers with a bar beside each. */
export function CostBars({ caption, rows }: { caption: string; rows: readonly TermRow[] }) {
  const bar = (value: number | null) =>
    value === null ? (
      '–'
    ) : (
      <span class="amount">
        {microDollars(value)}
        <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect width={100 * shareOfDearest(rows, value)} height={6} />
        </svg>
      </span>
    );
  return (
    <Table
      caption={caption}
      columns={[
        { label: 'Term', value: ({ term }) => <span title={TERM_WORDS[term]}>{term}</span> },
        { label: 'Before', numeric: true, value: ({ before }) => bar(before) },
        { label: 'After', numeric: true, value: ({ after }) => bar(after) },
        ...(rows.some(({ best }) => best !== null) ? [{ label: 'Best found', numeric: true, value: ({ best }: TermRow) => bar(best) }] : []), // prettier-ignore
      ]}
      rows={rows}
      keyOf={({ term }) => term}
      empty={null}
    />
  );
}
