import type { Tier } from '../../core/function/manifest';
import type { NodeCapacity } from '../../core/node/node-capacity';
import type { NodeIntent } from '../../core/node/node-state';

/** What an agent says of itself, over and over. */
export interface NodeBeat {
  readonly name: string;
  readonly tier: Tier;
  readonly region: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly capacity: NodeCapacity;
  /** Of the agent's process: another one has forgotten what it was told. */
  readonly incarnation: string;
}

/** What a cluster says of a node: whoever runs the cluster knows where it stands, its agent may not. */
export interface NodeDescription {
  readonly tier: Tier;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Tier, region and labels are those of the description where there is one; labels of the agent's own stay beside them. */
export interface NodeRecord extends NodeBeat {
  /** Whether a cluster has ever described it. */
  readonly described: boolean;
  /** What was decided for it. */
  readonly intent: NodeIntent;
  /** Why, for people. */
  readonly reason: string | null;
  /** Since its last heartbeat, by the store's clock. */
  readonly silentMs: number;
  readonly lastSeenAt: Date;
  readonly registeredAt: Date;
  /** When its silence was noticed; null while it is heard. */
  readonly lostAt: Date | null;
  /** Set when it was taken out: it comes back only with a new agent. */
  readonly removedAt: Date | null;
}

/** What becomes of a heartbeat. */
export interface HeardBeat {
  /** What was decided for the node; `removed`: it is no node of the platform any more, and its heartbeat was not kept. */
  readonly intent: NodeIntent | 'removed';
  /** It is new, or comes back after it was lost or removed. */
  readonly came: 'new' | 'back' | null;
}

/** A leave to join as a node, once. */
export interface JoinTokenRecord {
  /** SHA-256 of the token, in hex. */
  readonly hash: string;
  readonly node: string;
  readonly tier: Tier;
  readonly region: string;
  readonly expiresAt: Date;
}

/** The nodes whose agents have been heard of. Topic `nodes` of `subscribe` tells of changes beyond heartbeats; payload: the name. */
export interface NodeStore {
  /** By name. @param query.removed true: also those that were taken out */
  nodes(query?: { readonly removed?: boolean }): Promise<readonly NodeRecord[]>;
  findNode(name: string): Promise<NodeRecord | null>;
  /** Keeps a heartbeat; a name that is new makes a node, which is ready. */
  beatNode(beat: NodeBeat): Promise<HeardBeat>;
  /**
   * @param change.onlyIf what must have been decided until now
   * @throws PlatformError not_found; precondition_failed when it is in none of those states
   */
  setNodeState(
    name: string,
    intent: NodeIntent,
    change?: { readonly reason?: string | null; readonly onlyIf?: readonly NodeIntent[] },
  ): Promise<NodeRecord>;
  /** What the cluster says of a node that is known; nothing happens to one that is not. */
  describeNode(name: string, description: NodeDescription): Promise<void>;
  /** Marks those that were silent for longer and were not marked yet, and gives them: each to one caller only. */
  noticeLostNodes(afterMs: number): Promise<readonly NodeRecord[]>;
  /**
   * Takes a node out that is drained or silent for longer. @returns false where there is none
   * @throws PlatformError precondition_failed
   */
  removeNode(name: string, silentMs: number): Promise<boolean>;

  addJoinToken(token: JoinTokenRecord): Promise<void>;
  /** Uses a token up. @returns null for one that is unknown, used or past its time */
  takeJoinToken(hash: string): Promise<JoinTokenRecord | null>;
}
