import fc from 'fast-check';
import { REMOVAL_REASONS } from '../../../core/agent/instance-state';
import { START_CAUSES, START_KINDS } from '../../../core/start/start';
import { startCause, type StartFacts } from '../../../core/start/start-cause';

const seen: StartFacts = {
  kind: 'cold',
  restoreFailed: false,
  busy: 0,
  lost: 0,
  revisionSeen: true,
  functionSeen: true,
  lastRemoval: 'expired',
  promised: null,
};

const facts = fc.record<StartFacts>({
  kind: fc.constantFrom(...START_KINDS),
  restoreFailed: fc.boolean(),
  busy: fc.nat(5),
  lost: fc.nat(5),
  revisionSeen: fc.boolean(),
  functionSeen: fc.boolean(),
  lastRemoval: fc.option(fc.constantFrom(...REMOVAL_REASONS)),
  promised: fc.option(fc.nat(5)),
});

describe('startCause', () => {
  it.each([
    ['a revision that never served', { revisionSeen: false, functionSeen: false }, 'first'],
    ['a new revision of a function that did', { revisionSeen: false }, 'deploy'],
    ['the only instance idled out', {}, 'expired'],
    ['the policy let it end', { promised: 0 }, 'forecast-miss'],
    ['all instances are busy', { busy: 2 }, 'burst'],
    ['more are busy than were forecast', { busy: 2, promised: 2 }, 'forecast-miss'],
    ['memory was needed elsewhere', { lastRemoval: 'evicted' }, 'evicted'],
    ['the node was drained', { lastRemoval: 'drain' }, 'migration'],
    ['it was moved', { lastRemoval: 'migration' }, 'migration'],
    ['it is being moved here', { moving: true, revisionSeen: false, busy: 2 }, 'migration'],
    ['the node was stopped', { lastRemoval: 'stopped' }, 'node-lost'],
    ['its node went away with it, whatever ended before', { lost: 1 }, 'node-lost'],
    ['others are busy, but more went with the node', { lost: 1, busy: 2 }, 'node-lost'],
    ['one that outlived the agent was frozen', { kind: 'warm', lost: 1 }, 'expired'],
    ['it crashed', { lastRemoval: 'crashed' }, 'node-lost'],
    ['a frozen one was thawed', { kind: 'warm' }, 'expired'],
    ['a frozen one was thawed beside busy ones', { kind: 'warm', busy: 1 }, 'burst'],
    ['its restore failed', { restoreFailed: true, busy: 3 }, 'restore-failed'],
  ] as const)('%s', (_case, change, cause) => {
    expect(startCause({ ...seen, ...change })).toBe(cause);
  });

  it('is null exactly for hot starts and one of the known words otherwise', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const cause = startCause(given);
        return given.kind === 'hot' ? cause === null : cause !== null && START_CAUSES.includes(cause);
      }),
    );
  });
});
