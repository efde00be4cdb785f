import { found, type Target } from '../../console/src/app/search-targets';

const target = (kind: Target['kind'], label: string): Target => ({ kind, label, hint: kind, go: () => undefined });
const ALL = [
  target('function', 'checkout'),
  target('node', 'edge-1'),
  target('page', 'Events'),
  target('function', 'pre-check'),
];
const labels = (query: string) => found(ALL, query).map(({ label }) => label);

test('who begins with a word comes first, then who has it at the start of a part', () => {
  expect(labels('check')).toEqual(['checkout', 'pre-check']);
  expect(labels('e')).toEqual(['edge-1', 'Events', 'checkout', 'pre-check']);
});

test('every word must be there, the kind counts, and nothing asked for is everything', () => {
  expect(labels('func check')).toEqual(['checkout', 'pre-check']);
  expect(labels('edge events')).toEqual([]);
  expect(labels('  ')).toHaveLength(ALL.length);
});
