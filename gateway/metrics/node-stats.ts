import { inTime } from '../../drivers/timing/in-time';
import type { AgentStats, ApiNode } from '../api/api-context';

/** What a node's agent said last, or why it said nothing. */
export interface NodeReport {
  readonly node: string;
  readonly tier: ApiNode['tier'];
  readonly region: string;
  readonly state: ApiNode['state'];
  readonly stats: AgentStats | null;
  readonly error: string | null;
}

/**
 * Asks all agents at once and remembers the answers for a moment, so that scrapes, probes and status pages together cost
 * each agent one call per `ttlMs`. An agent that is slow counts as away.
 */
export class NodeStats {
  #reports: Promise<readonly NodeReport[]> | undefined;
  #askedAt = -Infinity;

  constructor(
    private readonly nodes: () => readonly ApiNode[],
    private readonly now: () => number,
    private readonly ttlMs = 2_000,
    private readonly timeoutMs = 2_000,
  ) {}

  reports(): Promise<readonly NodeReport[]> {
    const now = this.now();
    if (!this.#reports || now - this.#askedAt >= this.ttlMs) {
      this.#askedAt = now;
      this.#reports = Promise.all(this.nodes().map((node) => this.#ask(node)));
    }
    return this.#reports;
  }

  async #ask({ name, tier, region, state, agent }: ApiNode): Promise<NodeReport> {
    const node = { node: name, tier, region, state };
    try {
      return { ...node, stats: await inTime(agent.stats(), this.timeoutMs), error: null };
    } catch (error) {
      return { ...node, stats: null, error: error instanceof Error ? error.message : String(error) };
    }
  }
}
