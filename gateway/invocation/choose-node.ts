/** What the choice of a node looks at. */
export interface NodeCandidate {
  readonly name: string;
  /** Its agent's stream is open. */
  readonly connected: boolean;
}

/**
 * The node that is asked for an instance: the first, in the configured order, whose agent answers; the first of all when
 * none does, because an agent that restarts is worth waiting for. Undefined only for no nodes.
 */
export function chooseNode<N extends NodeCandidate>(nodes: readonly N[]): N | undefined {
  return nodes.find((node) => node.connected) ?? nodes[0];
}
