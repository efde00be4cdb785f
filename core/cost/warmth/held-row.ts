/** Whose memory rests, and how much of it. */
export interface Holding {
  readonly tenant: string;
  readonly functionId: string;
  readonly function: string;
  readonly memoryBytes: number;
}

/** Memory that rested for a function within one minute: bytes × milliseconds. */
export interface HeldRow {
  /** Null: the platform itself, for what was kept for all and used by nobody. */
  readonly tenant: string | null;
  readonly functionId: string;
  readonly function: string;
  /** Its start. */
  readonly minute: Date;
  /** Of instances that could have answered at once. */
  readonly runningByteMs: bigint;
  /** Of instances that were frozen. */
  readonly frozenByteMs: bigint;
  /** The function's share of runtimes that were booted ahead for all functions. */
  readonly sharedByteMs: bigint;
}

/** Functions have ids of another form. */
export const PLATFORM_ID = 'platform';
