import type { ComponentChildren } from 'preact';
import type { Query } from '../lib/use-query';
import { Problem } from './problem';

/** What a query has come to: loading, its failure with the way out, or what `children` makes of the answer. */
export function QueryView<T>(props: { query: Query<T>; children: (data: T) => ComponentChildren }) {
  const { data, error, loading, reload } = props.query;
  return (
    <>
      {loading && <Loading />}
      {error && <Problem error={error} retry={reload} />}
      {data !== undefined && props.children(data)}
    </>
  );
}

export function Loading() {
  return (
    <p class="loading" role="status">
      Loading…
    </p>
  );
}
