/** What a caller may want of the function that does everything. */
export const MIXED_KINDS = ['plain', 'stream', 'upload', 'socket', 'accept'] as const;
export type MixedKind = (typeof MIXED_KINDS)[number];

/** One request of mixed traffic as its client saw it. Times in milliseconds after the first one. */
export interface MixedOutcome {
  readonly kind: MixedKind;
  readonly begun: number;
  readonly ended: number;
  /** HTTP status; 0 where no answer began. */
  readonly status: number;
  /** Until the head of the answer; null where none came. */
  readonly firstByteMs: number | null;
  /** Of these, what the function was asked to take. */
  readonly executeMs: number;
  /** Why it is not what was asked for: a code of the platform or of the connection, or what was wrong with the answer. */
  readonly failure: string | null;
}
