import { checkpointActivities } from '../../activities/checkpoint-activities';
import type { ActivityDependencies } from '../../activities/dependencies';
import { migrationActivities } from '../../activities/migration-activities';
import { moveActivities, type Move } from '../../activities/move-activities';
import { placementActivities } from '../../activities/placement-activities';
import { shipActivities } from '../../activities/ship-activities';
import { warmingActivities } from '../../activities/warming-activities';
import type { RevisionRef } from '../../activities/revision-ref';
import type { SetTargetsRequest } from '../../agent/rpc/agent-messages';
import { PlatformError } from '../../core/error/platform-error';
import { runSpecOf } from '../../core/function/run-spec-of';
import type { RevisionRecord } from '../../drivers/store/store';
import { deployRevision, packed, sampleInvocation } from '../drivers/store/sample-records';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store';

const NOW = new Date('2026-03-08T12:00:08Z');
const away = new PlatformError('unavailable', 'The agent is away');

interface FakeAgent {
  instances: { revisionId: string; tenant: string; function: string; state: string; ageMs: number }[];
  hostKeys: Record<string, string>;
  checkpoints: { revisionId: string; quarantined: boolean }[];
  readonly calls: string[];
  /** What happens when it is told to hold instances. */
  hold: (request: SetTargetsRequest) => void;
  verify: () => number;
  away: boolean;
}

let store: MemoryStore;
let agents: Record<'a' | 'b', FakeAgent>;
let deleted: string[];
let revision: RevisionRecord;
let ref: RevisionRef;
let move: Move;
let acts: ReturnType<typeof all>;

function all(dependencies: ActivityDependencies) {
  return {
    ...checkpointActivities(dependencies),
    ...migrationActivities(dependencies),
    ...moveActivities(dependencies),
    ...placementActivities(dependencies),
    ...shipActivities(dependencies),
    ...warmingActivities(dependencies),
  };
}

beforeEach(async () => {
  store = createMemoryStore(() => NOW);
  await store.ensureTenant('default');
  ({ revision } = await deployRevision(store, 'default', 'pay'));
  await store.setAlias(revision.functionId, 'live', [{ revision: 1, weight: 100 }]);
  const { functionId, id: revisionId } = revision;
  ref = { tenant: 'default', function: 'pay', functionId, revision: 1, revisionId };
  move = { tenant: 'default', function: 'pay', functionId, from: 'a', to: 'b' };
  deleted = [];
  const fresh = (): FakeAgent => ({
    instances: [],
    hostKeys: { nodejs: 'k' },
    checkpoints: [],
    calls: [],
    hold: () => undefined,
    verify: () => 20,
    away: false,
  });
  agents = { a: fresh(), b: fresh() };
  const client = (name: 'a' | 'b') => {
    const agent = agents[name];
    const call = async <T>(what: string, answer: T): Promise<T> => {
      if (agent.away) throw away;
      agent.calls.push(what);
      return answer;
    };
    const { instances, hostKeys, checkpoints } = agent;
    const room = { memoryCapacityBytes: 4e9, memoryCommittedBytes: 0, draining: false };
    return {
      stats: () => call('stats', { instances, hostKeys, checkpoints, ...room }),
      setTargets: async (request: SetTargetsRequest) => {
        await call(`hold ${request.targets[0]?.steps[0]?.running}+${request.targets[0]?.steps[0]?.frozen}`, 0);
        agent.hold(request);
        return { accepted: 1, capped: [] };
      },
      retire: ({ reason }: { reason: string }) => call(`retire for ${reason}`, { ended: 0, left: 0 }),
      verify: () => call('verify', 0).then(() => ({ restoreMs: agent.verify() })),
      publish: () => call('publish', undefined),
      dropCheckpoint: ({ everywhere }: { everywhere: boolean }) => call(everywhere ? 'drop' : 'forget', undefined),
      releaseTemplate: ({ key }: { key?: string }) => call(`give up ${key}`, undefined),
    };
  };
  const nodes = ['a', 'b'].map((name) => ({
    name,
    tier: 'central',
    region: 'local',
    labels: {},
    state: 'ready',
    capacity: null,
  }));
  acts = all({
    store,
    cluster: { nodes: async () => nodes },
    agent: async (name: 'a' | 'b') => client(name),
    runSpec: async (record: RevisionRecord) => runSpecOf(record),
    images: { delete: async (digest: string) => void deleted.push(digest) },
    now: () => NOW.getTime(),
    warmth: {},
  } as unknown as ActivityDependencies);
});

const instance = (state: string, ageMs = 1_000) => {
  return { revisionId: revision.id, tenant: 'default', function: 'pay', state, ageMs };
};
const on = (node: string) => [{ node, weight: 100 }];

describe('a change of the placement in steps', () => {
  const shift = (shares: ReturnType<typeof on>, expect: number, fence: string | null = 'w/1') =>
    acts.shiftPlacement({ functionId: move.functionId, shares, expect, fence });

  it('gives a repeat of a step what the step gave', async () => {
    expect(await shift(on('a'), 0)).toBe(1);
    expect(await shift(on('a'), 0)).toBe(1);
    expect(await shift(on('b'), 1)).toBe(2);
    expect(await store.placementOf(move.functionId)).toMatchObject({ generation: 2, fence: 'w/1' });
  });

  it('lets a step that comes late lose, and one of another run', async () => {
    await shift(on('a'), 0);
    await shift(on('b'), 1);
    await expect(shift(on('a'), 0)).rejects.toMatchObject({ code: 'precondition_failed' });
    await expect(shift(on('b'), 1, 'w/2')).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await store.placementOf(move.functionId)).toMatchObject({ generation: 2, nodes: on('b') });
  });

  it('is put back by who holds it, and by nobody else; what comes after that loses', async () => {
    const back = (fence: string) => acts.restorePlacement({ functionId: move.functionId, shares: on('a'), fence });
    await shift(on('a'), 0);
    await shift(on('b'), 1);
    expect(await back('w/0')).toBe(false);
    expect(await back('w/1')).toBe(true);
    await expect(shift(on('b'), 2)).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await store.placementOf(move.functionId)).toMatchObject({ nodes: on('a'), fence: null });
    expect(await back('w/1')).toBe(false);
  });

  it('a new function is placed once, where there are several nodes', async () => {
    await acts.placeFunction({ ref, node: 'b' });
    await acts.placeFunction({ ref, node: 'a' });
    expect(await store.placementOf(ref.functionId)).toMatchObject({ nodes: on('b'), generation: 1 });
  });
});

describe('the check', () => {
  const check = (change: object = {}) =>
    acts.checkMigration({ tenant: 'default', function: 'pay', to: 'b', reason: 'person', workflowId: 'w', ...change });

  it('finds the way, and what serves', async () => {
    await store.setPlacement(ref.functionId, on('a'));
    expect(await check()).toEqual({
      functionId: ref.functionId,
      from: 'a',
      to: 'b',
      shares: on('a'),
      generation: 1,
      refs: [ref],
      fromLost: false,
    });
    expect(await check({ reason: 'node-lost' })).toMatchObject({ fromLost: true });
  });

  it('takes over from an earlier run of its own, not from another workflow', async () => {
    await store.setPlacement(ref.functionId, on('a'), { ifGeneration: 0, fence: 'w/earlier' });
    expect(await check()).toMatchObject({ from: 'a', generation: 1 });
    await expect(check({ workflowId: 'other' })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('refuses what is not there', async () => {
    await expect(check({ function: 'nothing' })).rejects.toMatchObject({ code: 'function_not_found' });
    await expect(check({ to: 'mars' })).rejects.toMatchObject({ code: 'invalid_argument' });
    agents.b.away = true;
    await expect(check()).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a target', () => {
  const warm = (fromLost = false) => acts.warmTarget({ move, refs: [ref], fromLost, decisionId: 'd' });

  it('gets as many instances as the source has, and traffic waits until as many run', async () => {
    agents.a.instances = [instance('leased'), instance('idle'), instance('frozen')];
    agents.b.hold = () => {
      agents.b.instances.push(instance('starting'));
      setTimeout(() => agents.b.instances.push(instance('idle'), instance('idle')), 20);
    };
    expect(await warm()).toEqual({ running: 2, frozen: 1 });
    expect(agents.b.calls).toContain('hold 2+1');
  });

  it('is told again where another decision has taken the place of the first', async () => {
    agents.a.instances = [instance('leased')];
    let told = 0;
    agents.b.hold = () => {
      if (++told === 2) agents.b.instances.push(instance('idle'));
    };
    expect(await warm()).toEqual({ running: 1, frozen: 0 });
    expect(told).toBe(2);
  });

  it('gets what the store knew of a node that is lost', async () => {
    agents.b.hold = () => void agents.b.instances.push(instance('idle'));
    expect(await warm(true)).toEqual({ running: 1, frozen: 0 });
    expect(agents.a.calls).toEqual([]);
  });

  it('is judged by what fails there', async () => {
    const ended = (node: string, status: number) =>
      sampleInvocation({ at: NOW, function: 'pay', functionId: ref.functionId, node, status, errorCode: null });
    await store.writeInvocations(packed([...Array.from({ length: 9 }, () => ended('b', 200)), ended('a', 200)]));
    const since = NOW.getTime();
    expect(await acts.checkShift({ move, since })).toEqual({ requests: 9, failed: 0 });
    await store.writeInvocations(packed([ended('b', 500), ended('b', 500)]));
    await expect(acts.checkShift({ move, since })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a checkpoint', () => {
  const ship = () => acts.shipCheckpoint({ ref, from: 'a', to: 'b' });
  const make = (hostKey = 'k') =>
    store
      .createCheckpoint({ ...ref, id: 'c1', node: 'a', hostKey })
      .then(() => store.updateCheckpoint('c1', { state: 'ready', digest: 'sha256:1' }));

  it('goes along under its id, and belongs to the target once the function is there', async () => {
    await make();
    const { shipped } = await ship();
    expect(shipped).toMatchObject({ checkpoint: 'c1', restoreMs: 20 });
    await acts.publishShipped({ shipped: shipped!, to: 'b' });
    const settle = { functionId: ref.functionId, from: 'a', to: 'b', fromLost: false, shipped: [shipped!] };
    expect(await acts.settleCheckpoints(settle)).toEqual({ moved: 1, dropped: 0 });
    expect(await acts.settleCheckpoints(settle)).toEqual({ moved: 0, dropped: 0 });
    expect(await store.checkpoints({})).toMatchObject([{ id: 'c1', node: 'b', state: 'ready' }]);
    expect(deleted).toEqual([]);
    expect(agents.a.calls).toEqual(['forget']);
  });

  it.each([
    ['a', false],
    ['b', true],
  ] as const)(
    'that stays behind is dropped with its image by %s, where the source is lost: %s',
    async (by, fromLost) => {
      await make();
      const settle = { functionId: ref.functionId, from: 'a', to: 'b', fromLost, shipped: [] };
      expect(await acts.settleCheckpoints(settle)).toEqual({ moved: 0, dropped: 1 });
      expect(deleted).toEqual(['sha256:1']);
      expect([agents.a.calls, agents.b.calls]).toEqual(by === 'a' ? [['drop'], []] : [[], ['drop']]);
    },
  );

  it('that failed before it was sealed is dropped with all that it has left', async () => {
    await store.createCheckpoint({ ...ref, id: 'c1', node: 'a', hostKey: '' });
    await acts.dropCheckpoint({ ref, node: 'a', checkpoint: 'c1', reason: 'the disk is full' });
    expect(agents.a.calls).toEqual(['drop']);
    expect(await store.checkpoints({})).toMatchObject([{ id: 'c1', state: 'deleted', reason: 'the disk is full' }]);
  });

  it.each([
    ['there is none', async () => undefined],
    ['does not fit', () => make('another')],
    ['target has one', async () => void agents.b.checkpoints.push({ revisionId: ref.revisionId, quarantined: false })],
    ['restores no checkpoints', async () => void (agents.b.hostKeys = {})],
  ])('is not shipped where %s', async (why, prepare) => {
    await prepare();
    agents.b.hostKeys = { ...agents.b.hostKeys };
    expect(await ship()).toMatchObject({ shipped: null, note: expect.stringContaining(why) as string });
    expect(agents.b.calls).not.toContain('verify');
  });

  it('that does not restore there is left behind', async () => {
    await make();
    agents.b.verify = () => {
      throw new PlatformError('restore_failed', 'it hangs');
    };
    expect(await ship()).toMatchObject({ shipped: null, note: expect.stringContaining('it hangs') as string });
    expect(agents.b.calls).toContain('forget');
  });
});

describe('what rests where its function is not placed', () => {
  const apply = () => acts.applyTargets({ decisionId: 'none' });
  beforeEach(() => {
    agents.a.instances = [instance('frozen', 90_000)];
    agents.b.instances = [instance('frozen', 90_000)];
  });

  it('is ended each minute, and stays while the function is moved', async () => {
    await store.setPlacement(ref.functionId, on('b'), { ifGeneration: 0, fence: 'w/1' });
    await apply();
    expect(agents.a.calls).toEqual(['stats']);
    await store.setPlacement(ref.functionId, on('b'), { ifGeneration: 1 });
    await apply();
    expect([agents.a.calls, agents.b.calls]).toEqual([
      ['stats', 'stats', 'retire for migration'],
      ['stats', 'stats'],
    ]);
  });

  it('is ended where its function is no more', async () => {
    await store.deleteFunction('default', 'pay');
    await apply();
    expect([agents.a.calls, agents.b.calls]).toEqual([
      ['stats', 'retire for deleted'],
      ['stats', 'retire for deleted'],
    ]);
  });

  it('is looked at later where the agent is away', async () => {
    await store.setPlacement(ref.functionId, on('b'));
    agents.a.away = true;
    await expect(apply()).resolves.toMatchObject({ unreached: [] });
  });
});

it('drains all revisions, and gives up what a start has made', async () => {
  expect(await acts.drainNode({ move, node: 'a', deadlineMs: 10 })).toEqual({ left: 0 });
  await acts.giveUpTemplate({ node: 'b', key: 'k' });
  expect([agents.a.calls, agents.b.calls]).toEqual([['retire for migration'], ['give up k']]);
});
