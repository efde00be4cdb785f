import { migrateResult } from '../../bench/migrate/migrate-result';
import type { MixedOutcome } from '../../bench/mixed/mixed-outcome';

test('a run of an hour has more requests than a call may have arguments', () => {
  const outcomes = Array.from({ length: 300_000 }, (_, index): MixedOutcome => {
    const begun = index * 5;
    return { kind: 'plain', begun, ended: begun + 12, status: 200, firstByteMs: 11, executeMs: 10, failure: null };
  });
  const { figures } = migrateResult(
    {
      moves: [{ to: 'b', begun: 1_000, ended: 1_200_000, state: 'completed', error: null }],
      goings: [],
      outcomes,
      measuredFrom: 0,
      ledger: { accepted: 0, lost: [], unanswered: [], twice: [], seen: 0, left: 0 },
      strays: 0,
      orphans: {},
    },
    200,
  );
  const value = (name: string): unknown => figures.find((figure) => figure.name === name)?.value;
  expect(value('migrate.longestWait')).toBe(2);
  expect(value('migrate.quiet.longestWait')).toBe(2);
  expect(value('migrate.rate')).toBeCloseTo(200, 0);
});
