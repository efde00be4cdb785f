import fc from 'fast-check';
import { checkMigration, type MigrationFacts, type MigrationNode } from '../../../core/migration/check-migration';
import { countInstances } from '../../../core/migration/count-instances';
import { judgeShift } from '../../../core/migration/judge-shift';
import { progressTable } from '../../../core/migration/progress-table';
import { shiftShares, withoutNode } from '../../../core/migration/shifted-shares';
import { strayRevisions } from '../../../core/migration/stray-revisions';
import type { PlatformError } from '../../../core/error/platform-error';

const node = (name: string, change: Partial<MigrationNode> = {}): MigrationNode => {
  return { name, tier: 'edge', state: 'ready', freeBytes: 1e9, resting: 0, ...change };
};
const facts = (change: Partial<MigrationFacts> = {}): MigrationFacts => ({
  function: 'pay',
  from: undefined,
  to: 'edge-2',
  reason: 'person',
  nodes: [node('edge-1'), node('edge-2')],
  placed: [{ node: 'edge-1', weight: 100 }],
  changedBy: null,
  runsOn: ['edge-1'],
  tiers: ['edge'],
  revisions: 1,
  memoryBytes: 128e6,
  ...change,
});
const target = (change: Partial<MigrationNode>) => ({ nodes: [node('edge-1'), node('edge-2', change)] });

describe('the check of a migration', () => {
  it('leaves the node with the most traffic, or the only one on which it runs', () => {
    const placed = [{ node: 'edge-0', weight: 30 }, { node: 'edge-1', weight: 70 }]; // prettier-ignore
    expect(checkMigration(facts({ placed }))).toEqual({ from: 'edge-1', shares: placed });
    const alone = { from: 'edge-1', shares: [{ node: 'edge-1', weight: 100 }] };
    expect(checkMigration(facts({ placed: null }))).toEqual(alone);
    expect(checkMigration(facts({ placed: null, runsOn: [] }))).toEqual(alone);
  });

  it.each([
    ['an unknown target', { to: 'mars' }, 'invalid_argument', 'There is no node "mars"'],
    ['an unknown source', { from: 'mars' }, 'invalid_argument', 'There is no node "mars"'],
    ['itself as target', { to: 'edge-1' }, 'invalid_argument', 'is on "edge-1" already'],
    ['a source where it is not', { from: 'edge-2', to: 'edge-1' }, 'conflict', 'is not on "edge-2"'],
    ['a cordoned target', target({ state: 'cordoned' }), 'conflict', '"edge-2" is cordoned'],
    ['a lost target', target({ state: 'lost' }), 'conflict', '"edge-2" is lost'],
    ['a silent target', target({ freeBytes: null }), 'conflict', 'does not answer'],
    ['a full target', target({ freeBytes: 1e6 }), 'conflict', '"edge-2" is full'],
    ['a tier that is not allowed', target({ tier: 'central' }), 'conflict', 'the tier central'],
    ['a target without pods', { isolation: 'pod' }, 'conflict', '"edge-2" runs functions of isolation agent'],
    ['a target with pods alone', target({ isolation: 'pod' }), 'conflict', 'runs functions of isolation pod'],
    ['no revision', { revisions: 0 }, 'conflict', 'no revision that serves'],
    ['another migration', { changedBy: 'migrate/default/pay' }, 'conflict', 'moved already, by migrate/default/pay'],
    ['no source', { placed: null, runsOn: ['edge-1', 'edge-3'] }, 'conflict', 'Nothing says which node'],
  ] as const)('refuses %s', (_what, change, code, message) => {
    expect(() => checkMigration(facts(change))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    );
  });

  it('makes room on a target where something rests', () => {
    expect(checkMigration(facts(target({ freeBytes: 0, resting: 1 })))).toMatchObject({ from: 'edge-1' });
  });

  it('tells everything that is wrong at once', () => {
    try {
      checkMigration(facts({ revisions: 0, changedBy: 'w', ...target({ tier: 'central', state: 'draining' }) }));
    } catch (error) {
      expect((error as PlatformError).problems.map(({ path }) => path)).toEqual(['function', 'function', 'to', 'to']);
      return;
    }
    throw new Error('it was not refused');
  });
});

test('shares move from one node to the other; all others keep theirs, and the sum stays', () => {
  const shares = fc.integer({ min: 0, max: 100 }).map((weight) => [
    { node: 'a', weight },
    { node: 'c', weight: 100 - weight },
  ]);
  fc.assert(
    fc.property(shares, fc.integer({ min: 0, max: 100 }), fc.constantFrom('b', 'c'), (before, percent, to) => {
      const after = shiftShares(before, 'a', to, percent);
      expect(after.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
      expect(new Set(after.map(({ node: name }) => name)).size).toBe(after.length);
      if (to === 'b') expect(after.find(({ node: name }) => name === 'c')).toEqual(before[1]);
      if (percent === 100) expect(withoutNode(after, 'a').reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
    }),
  );
});

test.each([
  [{ requests: 100, failed: 0 }, { requests: 100, failed: 0 }, null],
  [{ requests: 100, failed: 1 }, { requests: 100, failed: 0 }, null],
  [{ requests: 100, failed: 10 }, { requests: 100, failed: 0 }, 'failed there'],
  [{ requests: 100, failed: 10 }, { requests: 100, failed: 10 }, null],
  [{ requests: 1, failed: 1 }, { requests: 0, failed: 0 }, 'failed there'],
  [{ requests: 0, failed: 0 }, { requests: 0, failed: 0 }, null],
])('a shift with %j on the new node and %j on the old is judged', (there, before, wrong) => {
  if (wrong === null) expect(judgeShift(there, before)).toBeNull();
  else expect(judgeShift(there, before)).toContain(wrong);
});

test('instances are counted by what they can do', () => {
  const states = ['idle', 'leased', 'freezing', 'frozen', 'starting', 'stopping'];
  expect(countInstances(states.map((state) => ({ revisionId: 'r', state }))).get('r')).toEqual({
    running: 2,
    frozen: 2,
  });
});

test('what rests where its function is not placed is a stray, once it is old and nobody uses any', () => {
  const functions = [
    { tenant: 't', name: 'f', placement: { nodes: [{ node: 'a' }], fence: null }, revisions: [{ id: 'placed' }] },
    { tenant: 't', name: 'm', placement: { nodes: [{ node: 'a' }], fence: 'move' }, revisions: [{ id: 'moving' }] },
    { tenant: 't', name: 'g', placement: null, revisions: [{ id: 'anywhere' }] },
  ];
  const names: Readonly<Record<string, string>> = { placed: 'f', moving: 'm', anywhere: 'g' };
  const instance = (revisionId: string, state = 'idle', ageMs = 100_000) => {
    return { revisionId, tenant: 't', function: names[revisionId] ?? 'gone', state, ageMs };
  };
  const strays = (...instances: ReturnType<typeof instance>[]) => strayRevisions('b', instances, functions);
  expect(strays(instance('placed'), instance('placed', 'frozen'), instance('anywhere'))).toEqual([
    { revisionId: 'placed', reason: 'migration' },
  ]);
  expect(strays(instance('moving'))).toEqual([]);
  expect(strays(instance('of no function'), instance('another', 'leased'))).toEqual([
    { revisionId: 'of no function', reason: 'deleted' },
  ]);
  expect(strays(instance('placed'), instance('placed', 'leased'))).toEqual([]);
  expect(strays(instance('placed', 'idle', 1_000))).toEqual([]);
  expect(strayRevisions('a', [instance('placed')], functions)).toEqual([]);
});

test('progress is a table whose cells nobody can break', () => {
  const phase = {
    step: 'check',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:01.500Z',
    note: 'a|b\nc',
  };
  const text = progressTable('Move pay to b', [phase, { ...phase, endedAt: null, note: null }], 'done');
  expect(text.split('\n').slice(4)).toEqual(['| check | 1.5 s | a\\|b c |', '| check | … |  |', '', '**done**']);
});
