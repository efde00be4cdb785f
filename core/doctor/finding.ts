/** `warn`: it works, and will trouble somebody one day. `fail`: not fit for production. */
export const FINDING_STATES = ['ok', 'warn', 'fail'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** What one check found. */
export interface Finding {
  /** Stays what it is over versions. */
  readonly id: string;
  readonly title: string;
  readonly state: FindingState;
  /** What was found. */
  readonly detail: string;
  /** What that means; empty where all is well. */
  readonly means: string;
  /** How to mend it; empty where all is well. */
  readonly mend: string;
}

/** Findings of one title. */
export function checkNamed(id: string, title: string) {
  return {
    ok: (detail: string): Finding => ({ id, title, state: 'ok', detail, means: '', mend: '' }),
    warn: (detail: string, means: string, mend: string): Finding => ({ id, title, state: 'warn', detail, means, mend }),
    fail: (detail: string, means: string, mend: string): Finding => ({ id, title, state: 'fail', detail, means, mend }),
  };
}

/** A part of something as people read it. @param ratio 0 to 1 */
export function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
