import { HYBRID } from '../models';
import type { ScoredRow } from '../scored-row';
import { markdownTable } from '../../harness/markdown-table';
import { bestMember, fixed, percent } from './score-table';

/** In which patterns the error of the hybrid is made, and what could be had there. */
export function errorSources(rows: readonly ScoredRow[]): string[] {
  const hybrid = rows.find(({ name }) => name === HYBRID);
  if (!hybrid) return [];
  const floor = rows.find(({ role }) => role === 'floor');
  const error = hybrid.all.requests * (hybrid.all.wape ?? 0);
  const share = (part: number, whole: number): string => percent(whole > 0 ? part / whole : null);
  const lines = [...hybrid.patterns].map(([pattern, { functions, requests, wape }]) => {
    const anchors = rows.flatMap((row) => (row.role === 'anchor' ? [row.patterns.get(pattern)?.wape ?? null] : []));
    const known = anchors.filter((each) => each !== null);
    return [
      pattern,
      String(functions),
      share(requests, hybrid.all.requests),
      share(requests * (wape ?? 0), error),
      fixed(wape),
      fixed(bestMember(rows, 'patterns', pattern)?.patterns.get(pattern)?.wape ?? null),
      fixed(known.length > 0 ? Math.min(...known) : null),
      fixed(floor?.patterns.get(pattern)?.wape ?? null),
    ];
  });
  const head = ['pattern', 'functions', 'of requests', 'of the error', HYBRID, 'best member', 'best anchor', 'Poisson floor']; // prettier-ignore
  return [`### Where the ${HYBRID} errs`, '', 'WAPE in the last four columns.', '', ...markdownTable(head, lines), ''];
}
