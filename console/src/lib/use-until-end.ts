import { useEffect, useState } from 'preact/hooks';
import { useQuery, type Query } from './use-query';

const EVERY_MS = 1_000;
const NOT_FOUND = 404;

/** Work that ends some time: asked about each second while it is running, and no more once it has ended or is not there. */
export function useUntilEnd<T extends { readonly state: string }>(path: string | null): Query<T> {
  const [ended, setEnded] = useState<string | null>(null);
  const query = useQuery<T>(path, ended !== null && ended === path ? {} : { everyMs: EVERY_MS });
  const over = (query.data !== undefined && query.data.state !== 'running') || query.error?.status === NOT_FOUND;
  useEffect(() => {
    if (over) setEnded(path);
  }, [over, path]);
  return query;
}
