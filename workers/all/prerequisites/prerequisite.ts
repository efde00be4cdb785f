/** What `npm run doctor` says of one prerequisite. */
export interface Finding {
  readonly ok: boolean;
  /** What was found, or what is missing. */
  readonly detail: string;
  /** What a person can do about it; empty when nothing is wrong. */
  readonly mend: string;
}

/** One thing that must be on the machine before anything of ours starts. */
export interface Prerequisite {
  readonly title: string;
  /** Without an optional one the platform starts all the same, with less: `ensure` failing is a warning. */
  readonly optional: boolean;
  check(): Promise<Finding>;
  /** Makes it so; `progress` takes short lines for the terminal. @throws PlatformError with the next step as its hint */
  ensure(progress: (line: string) => void): Promise<void>;
}

export function found(detail: string): Finding {
  return { ok: true, detail, mend: '' };
}

export function missing(detail: string, mend: string): Finding {
  return { ok: false, detail, mend };
}
