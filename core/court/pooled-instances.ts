import type { PooledInstance } from '../agent/pool-plan';
import type { SimulatedInstance } from './simulated-instance';

/** The instances of one function on a node that have started, those that wake included. */
export class PooledInstances {
  readonly #all = new Set<SimulatedInstance>();

  get size(): number {
    return this.#all.size;
  }

  add(instance: SimulatedInstance): void {
    this.#all.add(instance);
  }

  delete(instance: SimulatedInstance): void {
    this.#all.delete(instance);
  }

  /** Those that the gateway has, awake. */
  get leased(): number {
    let leased = 0;
    for (const { state } of this.#all) if (state === 'leased') leased++;
    return leased;
  }

  /** Those that rest, and those that wake for whoever waits. */
  get free(): { idle: number; frozen: number; waking: number } {
    const free = { idle: 0, frozen: 0, waking: 0 };
    for (const { state, leased } of this.#all) {
      if (state === 'idle') free.idle++;
      else if (state === 'frozen') free.frozen++;
      else if (state === 'starting' && !leased) free.waking++;
    }
    return free;
  }

  /** The most recently used one in a state. */
  newest(state: 'idle' | 'frozen'): SimulatedInstance | undefined {
    let newest: SimulatedInstance | undefined;
    for (const instance of this.#all) {
      if (instance.state === state && (!newest || instance.idleSince >= newest.idleSince)) newest = instance;
    }
    return newest;
  }

  /** Those that rest, the longest idle first. */
  resting(): SimulatedInstance[] {
    return [...this.#all]
      .filter(({ state }) => state === 'idle' || state === 'frozen')
      .sort((a, b) => a.idleSince - b.idleSince);
  }

  /** As plans want them. @returns those that do not wake */
  planned(): PooledInstance[] {
    const planned: PooledInstance[] = [];
    for (const instance of this.#all) if (isAwake(instance)) planned.push(instance);
    return planned;
  }
}

function isAwake(instance: SimulatedInstance): instance is SimulatedInstance & PooledInstance {
  return instance.state !== 'starting';
}
