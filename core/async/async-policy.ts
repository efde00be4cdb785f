import { asyncSpecSchema } from '../function/async-spec';
import type { Manifest } from '../function/manifest';
import { parseDuration } from '../function/quantity';

/** `spec.async` with units resolved, as it is kept with each accepted invocation. Times are milliseconds. */
export interface AsyncPolicy {
  /** Tries after the first in which the function itself failed. */
  readonly retries: number;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxAgeMs: number;
  readonly resultsForMs: number;
  readonly deadLettersForMs: number;
  /** Functions of the same tenant. */
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
}

/** The policy of a function; null where it takes no asynchronous invocations. */
export function asyncPolicyOf(manifest: Manifest): AsyncPolicy | null {
  // Revisions stored before there was such a section have none.
  const spec = asyncSpecSchema.parse((manifest.spec as Partial<Manifest['spec']>).async);
  if (!spec.enabled) return null;
  return {
    retries: spec.retries,
    firstBackoffMs: parseDuration(spec.backoff.first),
    maxBackoffMs: parseDuration(spec.backoff.max),
    maxAgeMs: parseDuration(spec.maxAge),
    resultsForMs: parseDuration(spec.resultsFor),
    deadLettersForMs: parseDuration(spec.deadLettersFor),
    onSuccess: spec.onSuccess?.function ?? null,
    onFailure: spec.onFailure?.function ?? null,
  };
}
