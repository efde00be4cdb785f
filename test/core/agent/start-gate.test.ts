import { StartGate } from '../../../core/agent/start-gate';

describe('StartGate', () => {
  it('lets in as many as it may, the others in the order they came', async () => {
    const gate = new StartGate(2);
    const inside: number[] = [];
    const all = [1, 2, 3, 4].map((id) => gate.enter().then(() => inside.push(id)));
    await Promise.resolve().then(() => undefined);
    expect(inside).toEqual([1, 2]);
    gate.leave();
    gate.leave();
    await Promise.all(all);
    expect(inside).toEqual([1, 2, 3, 4]);
    expect(gate.free).toBe(0);
  });

  it('wakes once, and leaves half of its places to those who wait', () => {
    const gate = new StartGate(4);
    let woken = 0;
    expect(gate.freeForBackground).toBe(2);
    for (let taken = 0; taken < 4; taken += 1) gate.take();
    expect(gate.freeForBackground).toBe(0);
    gate.whenFree(() => (woken += 1));
    gate.leave();
    gate.leave();
    expect(woken).toBe(1);
    expect(gate.free).toBe(2);
    expect(gate.freeForBackground).toBe(0);
  });

  it('leaves half of the cores to those who wait, where there are fewer of them', () => {
    expect(new StartGate(4, 2).freeForBackground).toBe(1);
    expect(new StartGate(4, 16).freeForBackground).toBe(2);
    expect(new StartGate(1, 1).freeForBackground).toBe(1);
  });
});
