/** Who is on each node, for drawing one of them at random. */
export class Crowd {
  readonly #members: number[][];
  readonly #slot: Int32Array;

  constructor(at: Int32Array, nodes: number) {
    this.#members = Array.from({ length: nodes }, () => []);
    this.#slot = new Int32Array(at.length);
    at.forEach((node, part) => (this.#slot[part] = this.#members[node]!.push(part) - 1));
  }

  /** One of those on a node; -1 where there is none. */
  pick(node: number, random: () => number): number {
    const members = this.#members[node]!;
    return members[Math.floor(random() * members.length)] ?? -1;
  }

  move(part: number, from: number, to: number): void {
    const members = this.#members[from]!;
    const last = members.pop()!;
    if (last !== part) {
      members[this.#slot[part]!] = last;
      this.#slot[last] = this.#slot[part]!;
    }
    this.#slot[part] = this.#members[to]!.push(part) - 1;
  }
}
