/** Which Redis to use, and how. */
export interface RedisSettings {
  /** One; or some of a cluster's nodes, or some Sentinels. */
  readonly urls: readonly string[];
  readonly cluster: boolean;
  /** Name of the master that the Sentinels at `urls` watch. */
  readonly sentinelMaster?: string | undefined;
  /** Begins the name of every key. */
  readonly prefix: string;
  /** Certificates of the authorities that are trusted beside the system's, in PEM. */
  readonly ca?: string | undefined;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}
