import type { NodeState } from '../node/node-state';

/** A PostgreSQL server as one gateway sees it. */
export interface PostgresFacts {
  /** The one that `npm start` runs in the data folder. */
  readonly own: boolean;
  /** Such as `16.4`. */
  readonly version: string;
  /** Whether this connection is encrypted, and whether it leaves the machine. */
  readonly encrypted: boolean;
  readonly sameMachine: boolean;
  /** `archive_mode` of the server: off, on, always. */
  readonly archiveMode: string;
  readonly lastArchivedAt: Date | null;
  readonly lastArchiveFailureAt: Date | null;
  /** Servers that follow this one now; null: the role may not see it. */
  readonly standbys: number | null;
  readonly connections: number;
  readonly maxConnections: number;
  /** Its clock minus ours, in milliseconds. */
  readonly clockSkewMs: number;
  /** Gateways that have shown a sign of life within half a minute. */
  readonly gateways: number;
}

export interface TemporalFacts {
  readonly serverVersion: string;
  /** Where it keeps its state, such as `sqlite` or `postgres12`; null: it does not say, as Temporal Cloud. */
  readonly persistence: string | null;
  /** For how long histories of closed workflows are kept; milliseconds. */
  readonly retentionMs: number;
}

/** Of a file system; bytes. */
export interface DiskFacts {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface InstalledNode {
  readonly name: string;
  readonly state: NodeState;
  /** What follows is null where its agent does not answer, or is too old to say. */
  readonly driver: string | null;
  readonly version: string | null;
  /** Its clock minus ours, in milliseconds, and how sure that is. */
  readonly clockSkewMs: number | null;
  readonly clockErrorMs: number | null;
  /** Whether its CRIU passed the self-test, so that checkpoints are made and restored there. */
  readonly checkpoints: boolean | null;
  readonly disk: DiskFacts | null;
  readonly quarantined: number;
  /** Whether it is on another machine than this gateway. */
  readonly elsewhere: boolean;
}

export interface OperatorKey {
  readonly id: string;
  readonly name: string;
  /** Made by the platform itself when it was installed. */
  readonly first: boolean;
  readonly createdAt: Date;
  readonly rotatedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface InstalledBudget {
  readonly tenant: string;
  readonly name: string;
  readonly alerts: number;
  /** Of its webhook: why it cannot be reached; null: it can; undefined: it has none. */
  readonly unreached: string | null | undefined;
}

/** What is known of an installation when it is asked whether it is fit for production. A text in place of facts: why there are none. */
export interface Installation {
  readonly at: Date;
  readonly version: string;
  readonly door: { readonly host: string; readonly port: number; readonly tls: boolean; readonly local: boolean };
  readonly gatewayProcesses: number;
  readonly redis: boolean;
  /** Soft limit of open files of the gateway; null: unknown. */
  readonly openFiles: number | null;
  readonly masterKey: { readonly source: 'file' | 'environment' | 'data-folder'; readonly previous: number };
  readonly keys: readonly OperatorKey[];
  readonly postgres: PostgresFacts | string;
  readonly temporal: TemporalFacts | string;
  /** Of the gateway's data folder. */
  readonly disk: DiskFacts | null;
  readonly imageStore: 'local';
  readonly nodes: readonly InstalledNode[];
  readonly budgets: readonly InstalledBudget[];
  /** Tenants with functions to which no rate applies. */
  readonly unlimitedTenants: readonly string[];
  readonly functions: number;
  /** When `/metrics` of this gateway was read last; null: never since it began. */
  readonly scrapedAt: Date | null;
  readonly upForMs: number;
}
