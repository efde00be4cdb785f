import type { AsyncPolicy } from '../../core/async/async-policy';
import type { AsyncOrigin, AsyncState } from '../../core/async/async-state';
import type { NextStep } from '../../core/async/next-step';
import type { ErrorCode } from '../../core/error/platform-error';
import type { Page, PageQuery } from '../store/store';

/** A body, in the row or, where it is large, in the image store. Empty: neither. */
export interface KeptBody {
  readonly inline: Buffer | null;
  readonly digest: string | null;
  /** Bytes of the body itself. */
  readonly length: number;
}

/** An HTTP request as a function will get it. */
export interface KeptRequest {
  readonly method: string;
  /** Path and query within the function. */
  readonly path: string;
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: KeptBody;
  /** Address of the caller; null for what the platform itself asks. */
  readonly remoteAddress: string | null;
}

export interface NewAsyncInvocation {
  /** Sorts by time; also the id of its record. */
  readonly id: string;
  readonly tenant: string;
  readonly functionId: string;
  readonly function: string;
  readonly alias: string;
  readonly origin: AsyncOrigin;
  readonly request: KeptRequest;
  readonly policy: AsyncPolicy;
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null;
}

/** One try that is over, for people. */
export interface AsyncTry {
  readonly try: number;
  readonly at: string;
  readonly ms: number | null;
  readonly status: number | null;
  readonly error: string | null;
}

/** What is known of an accepted invocation. */
export interface AsyncInvocation {
  readonly id: string;
  readonly tenant: string;
  readonly functionId: string;
  readonly function: string;
  readonly alias: string;
  readonly origin: AsyncOrigin;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | null;
  readonly state: AsyncState;
  readonly tries: number;
  /** Tries in which the function itself failed. */
  readonly failures: number;
  readonly acceptedAt: Date;
  /** When the next try may begin. */
  readonly dueAt: Date;
  /** When it is given up if no try has answered it. */
  readonly expiresAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** When all of it is removed; null before its end. */
  readonly forgetAt: Date | null;
  readonly reason: string | null;
  readonly resultStatus: number | null;
  readonly resultBytes: number;
  /** The newest 20. */
  readonly history: readonly AsyncTry[];
}

/** The answer of the last try. */
export interface AsyncResult {
  readonly status: number;
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: KeptBody;
  /** It was larger than what is kept, so none of it was. */
  readonly truncated: boolean;
}

/** A try that this process must make. `try` fences it: whoever is late with an older one changes nothing. */
export interface AsyncClaim extends Omit<NewAsyncInvocation, 'idempotency'> {
  readonly try: number;
  readonly failures: number;
  readonly acceptedAt: Date;
  readonly expiresAt: Date;
}

/** How a try ended and what comes next. */
export interface TryReport {
  readonly id: string;
  readonly try: number;
  readonly step: NextStep;
  readonly ms: number;
  readonly status: number | null;
  readonly errorCode: ErrorCode | null;
  readonly error: string | null;
  readonly result: AsyncResult | null;
}

export interface AsyncWorkOptions {
  /** Name of this gateway, the same after a restart: what its dead predecessor held is taken back at once. */
  readonly gateway: string;
  /** Tries at once. */
  readonly slots: number;
  /** Ids of functions that this gateway runs as many tries of as it may. */
  readonly full: () => readonly string[];
  /** Waits until this gateway may run one more try of the function; gives what to call afterwards. */
  readonly admit: (functionId: string) => Promise<() => void>;
  /** Makes a try and reports it; never rejects. `signal`: the claim is no longer this process's, or it stops. */
  readonly run: (claim: AsyncClaim, signal: AbortSignal) => Promise<void>;
}

export interface AsyncWork {
  /** Takes nothing more; what runs may end for `graceMs`, then its signal fires. Resolves when all has ended. */
  stop(graceMs: number): Promise<void>;
}

export interface AsyncFigures {
  readonly states: readonly {
    readonly tenant: string;
    readonly function: string;
    readonly state: AsyncState;
    readonly count: number;
  }[];
  /** Of the oldest that waits for a first or a further try, though it is due; seconds. */
  readonly oldestDueSeconds: number;
}

/**
 * Invocations that were accepted and not yet answered. Durable once `accept` has resolved; every change is one
 * transaction. Throws PlatformError only: `unavailable` while the database is away.
 */
export interface AsyncQueue {
  /** Brings the queue's own tables up to date; those of the store come first. */
  migrate(): Promise<void>;
  /**
   * The id under which it is known: the old one, where the idempotency key has been used for an equal request.
   * @throws PlatformError idempotency_mismatch where it was used for another one
   */
  accept(invocation: NewAsyncInvocation): Promise<{ readonly id: string; readonly created: boolean }>;
  find(tenant: string, id: string): Promise<AsyncInvocation | null>;
  /** Newest first. */
  list(query: { tenant: string; function?: string; state?: AsyncState } & PageQuery): Promise<Page<AsyncInvocation>>;
  /** Null before there is an answer. */
  result(tenant: string, id: string): Promise<AsyncResult | null>;
  /** Ends one that has not ended; a try under way is broken off. @throws PlatformError not_found, conflict */
  cancel(tenant: string, id: string): Promise<AsyncInvocation>;
  /** Begins a dead, failed or cancelled one anew. @throws PlatformError not_found, conflict */
  redrive(tenant: string, id: string, now: Date): Promise<AsyncInvocation>;
  /** Starts to take what is due, in the background, whether or not the database is there. */
  work(options: AsyncWorkOptions): AsyncWork;
  /** False when the claim is no longer the caller's: the report changes nothing then. */
  settle(report: TryReport): Promise<boolean>;
  figures(): Promise<AsyncFigures>;
  /** Reads anew which cron expressions the live revisions have. */
  syncCron(now: Date): Promise<void>;
  /** Accepts what is due by them, each tick once, whoever asks. Returns how many. */
  fireCron(now: Date): Promise<number>;
  /** Removes up to 200 that are to be forgotten, their bodies first. Returns how many. */
  forget(now: Date, deleteBody: (digest: string) => Promise<void>): Promise<number>;
  /** Of these digests those that no invocation refers to. */
  unreferenced(digests: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}
