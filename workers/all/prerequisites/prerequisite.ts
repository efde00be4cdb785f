/** What `npm run doctor` says of one prerequisite. */
export interface Finding {
  readonly ok: boolean;
  /** What was found, or what is missing. */
  readonly detail: string;
  /** What a person can do about it; empty when nothing is wrong. */
  readonly mend: string;
}

/**
 * What happens without it. `always`: nothing starts. `isolation`: functions run as plain processes, and the rest of what isolation
 * needs is not looked at. `extra`: a warning.
 */
export type Need = 'always' | 'isolation' | 'extra';

/** One thing that must be on the machine before anything of ours starts. */
export interface Prerequisite {
  readonly title: string;
  readonly need: Need;
  check(): Promise<Finding>;
  /** Makes it so, at once where it is so already; `progress` takes short lines. @throws PlatformError with the next step as its hint */
  ensure(progress: (line: string) => void): Promise<void>;
}

export function found(detail: string): Finding {
  return { ok: true, detail, mend: '' };
}

export function missing(detail: string, mend: string): Finding {
  return { ok: false, detail, mend };
}
