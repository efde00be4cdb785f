/** What the choice of a node looks at, at the moment of a request. */
export interface NodeCandidate {
  /** Its agent can be asked. */
  readonly connected: boolean;
  /** It refused a moment ago: it drains, or has no room. */
  readonly refusing: boolean;
  /** It is known to be gone. */
  readonly lost: boolean;
  /** An instance is free there, now. */
  readonly atHand: boolean;
  /** How long a request more would wait there, milliseconds, as far as that is known. */
  readonly waitMs: number;
}

/**
 * The node for one request: the drawn one or else the first in the order that can serve it in time. Where none can, the
 * first whose agent can be asked, then the first of all that is not lost: an agent that restarts is worth waiting for.
 *
 * An instance at hand counts more than an agent that answers: it serves on while its agent restarts.
 * @param drawn by the weights of a migration; undefined where they do not decide
 * @param patienceMs how long the request may wait for an instance
 */
export function chooseNode<N extends NodeCandidate>(
  order: readonly N[],
  drawn: N | undefined,
  patienceMs: number,
): N | undefined {
  if (drawn && canServe(drawn, patienceMs)) return drawn;
  let hope: N | undefined;
  let lastHope: N | undefined;
  for (const node of order) {
    if (canServe(node, patienceMs)) return node;
    if (node.connected && !node.lost) hope ??= node;
    else if (!node.lost) lastHope ??= node;
  }
  return hope ?? lastHope ?? order[0];
}

/** Would it serve a request in time, as far as can be known from here? */
export function canServe(node: NodeCandidate, patienceMs: number): boolean {
  if (node.lost) return false;
  return node.atHand || (node.connected && !node.refusing && node.waitMs <= patienceMs);
}
