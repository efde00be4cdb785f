import fc from 'fast-check';
import { phasesSeen } from '../../../core/start/start-phases';

const START = { begun: 100, running: 140, ready: 150 };

describe('phasesSeen', () => {
  it('shows the whole start to the one who asked for it', () => {
    expect(phasesSeen(90, 150, START)).toEqual({ queueMs: 10, sandboxMs: 40, readyMs: 10 });
  });

  it('shows the rest of it to one who came later', () => {
    expect(phasesSeen(130, 150, START)).toEqual({ queueMs: 0, sandboxMs: 10, readyMs: 10 });
    expect(phasesSeen(145, 151, START)).toEqual({ queueMs: 1, sandboxMs: 0, readyMs: 5 });
  });

  it('is queueing alone where an instance became free', () => {
    expect(phasesSeen(10, 25, null)).toEqual({ queueMs: 15, sandboxMs: 0, readyMs: 0 });
  });

  it('adds up to the time waited', () => {
    const moment = fc.nat(1000);
    fc.assert(
      fc.property(moment, moment, fc.tuple(moment, moment, moment), (since, waited, raw) => {
        const [begun, running, ready] = raw.sort((a, b) => a - b);
        const phases = phasesSeen(since, since + waited, { begun, running, ready });
        expect(phases.queueMs + phases.sandboxMs + phases.readyMs).toBeCloseTo(waited, 9);
        expect(Math.min(phases.queueMs, phases.sandboxMs, phases.readyMs)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
