import type { ErrorCode } from '../core/error/platform-error';

/** What the exit status of every verb says. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  changed: 5,
  later: 6,
} as const;

/** For people: each status once. */
export const EXIT_WORDS: readonly (readonly [status: number, meaning: string])[] = [
  [EXIT.done, 'done'],
  [
    EXIT.failed,
    'failed: what was asked for ended badly, a function answered with an error, or a check found something',
  ],
  [EXIT.usage, 'the command line, a file or a value in it is not valid; nothing was changed'],
  [EXIT.notFound, 'what was named does not exist'],
  [EXIT.refused, 'there is no key, or the key does not allow it'],
  [EXIT.changed, 'something has changed meanwhile or is busy, or exists already'],
  [EXIT.later, 'nobody answers, or the platform has no room just now: try again later'],
  [130, 'interrupted by a second Ctrl-C'],
];

interface Failure {
  readonly status: number;
  /** What to do next, where the failure itself does not say it. */
  readonly next?: string;
}

const INVALID: Failure = { status: EXIT.usage };
const GONE: Failure = { status: EXIT.notFound, next: 'The list of its kind shows what there is; presage help names all lists.' }; // prettier-ignore
const LATER: Failure = { status: EXIT.later, next: 'Try again in a while; presage status shows what is away.' };
const CHANGED: Failure = { status: EXIT.changed, next: 'Look at it as it is now, and try again.' };

const FAILURES: Partial<Record<ErrorCode, Failure>> = {
  invalid_argument: INVALID,
  invalid_manifest: INVALID,
  invalid_archive: INVALID,
  payload_too_large: INVALID,
  unsupported_media_type: INVALID,
  idempotency_mismatch: INVALID,
  not_found: GONE,
  function_not_found: { status: EXIT.notFound, next: 'presage list shows the functions that there are.' },
  unauthenticated: {
    status: EXIT.refused,
    next: 'Give a key: --api-key, PRESAGE_API_KEY, or once for all by presage login --url ADDRESS --api-key KEY.',
  },
  forbidden: {
    status: EXIT.refused,
    next: 'Use a key that may: who administers the tenant makes one by presage key create NAME --scope SCOPE.',
  },
  conflict: CHANGED,
  precondition_failed: CHANGED,
  budget_exhausted: { status: EXIT.failed, next: 'presage budget list shows what is spent, presage budget set raises it.' }, // prettier-ignore
  budget_queue: LATER,
  rate_limited: LATER,
  capacity: LATER,
  unavailable: LATER,
  draining: LATER,
  start_timeout: LATER,
  storage_full: { status: EXIT.failed, next: 'Free space on the disk of the node or of the image store.' },
  start_failed: { status: EXIT.failed, next: 'presage logs NAME shows what the function wrote as it started.' },
  internal: { status: EXIT.failed, next: 'The log of the platform says more, by the id of the request.' },
};

/** How a failure ends the program, and what is to be done about it. */
export function failureOf(code: ErrorCode): Failure {
  return FAILURES[code] ?? { status: EXIT.failed };
}
