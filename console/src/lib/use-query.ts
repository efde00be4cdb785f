import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get } from './api';

export interface Query<T> {
  /** The newest answer; it stays while a later one fails. */
  readonly data: T | undefined;
  /** Of the newest call; undefined once one succeeds. */
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

/**
 * What the API says at `path`, asked again every `everyMs` while the page can be seen; null asks for nothing. Another path
 * forgets what was there.
 */
export function useQuery<T>(path: string | null, options: { everyMs?: number } = {}): Query<T> {
  const { everyMs } = options;
  const [state, setState] = useState<{ path: string | null; data?: T; error?: ApiError }>({ path });
  const [turn, setTurn] = useState(0);
  const asking = useRef(0);
  const reload = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    if (path === null) return;
    const mine = ++asking.current;
    const end = new AbortController();
    get<T>(path)
      .then(
        (data) => mine === asking.current && setState({ path, data }),
        (error: unknown) => {
          if (mine !== asking.current || !(error instanceof ApiError)) return;
          setState((before) => ({ ...(before.path === path ? before : { path }), error }));
        },
      )
      .finally(() => {
        if (everyMs !== undefined && !end.signal.aborted) timer = setTimeout(again, everyMs);
      });
    let timer: ReturnType<typeof setTimeout> | undefined;
    // A page that nobody sees asks for nothing, and asks at once when it is seen again.
    const again = () => {
      if (!document.hidden) reload();
      else document.addEventListener('visibilitychange', again, { once: true, signal: end.signal });
    };
    return () => {
      end.abort();
      clearTimeout(timer);
      asking.current++;
    };
  }, [path, everyMs, turn, reload]);

  const current = state.path === path;
  const data = current ? state.data : undefined;
  const error = current ? state.error : undefined;
  return { data, error, loading: path !== null && data === undefined && error === undefined, reload };
}
