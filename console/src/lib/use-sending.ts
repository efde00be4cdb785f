import { useState } from 'preact/hooks';
import { ApiError } from './api';

/** A call that a person has begun: whether it is under way, and why the last one failed. */
export interface Sending {
  readonly busy: boolean;
  readonly error: ApiError | undefined;
  /** Resolves to what came of it; undefined where it failed: `error` says why. */
  readonly run: <T>(call: () => Promise<T>) => Promise<T | undefined>;
}

export function useSending(): Sending {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  return {
    busy,
    error,
    run: async (call) => {
      setBusy(true);
      setError(undefined);
      try {
        return await call();
      } catch (failure) {
        if (!(failure instanceof ApiError)) throw failure;
        setError(failure);
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}
