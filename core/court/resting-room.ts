import type { SimulatedNode } from './simulated-node';

/** How much of a node's memory one function's resting instances hold, kept up to date in the node's sums. */
export class RestingRoom {
  /** Instances that rest at the agent. */
  size = 0;
  #spareBytes = 0;

  /** @param bytes of one instance @param spare instances that nobody was promised, from 0 */
  constructor(
    private readonly node: SimulatedNode,
    private readonly bytes: number,
    private readonly spare: () => number,
  ) {}

  /** One more rests, or one less. */
  change(by: 1 | -1): void {
    this.size += by;
    this.node.restingBytes += by * this.bytes;
    this.count();
  }

  /** What is promised may have changed. */
  count(): void {
    const bytes = Math.min(this.size, this.spare()) * this.bytes;
    this.node.spareBytes += bytes - this.#spareBytes;
    this.#spareBytes = bytes;
  }
}
