import { useEffect, useState } from 'preact/hooks';
import { href } from '../../app/router';
import type { AsyncDetailView } from '../../lib/answers';
import { bytes, time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { QueryView } from '../../ui/query-view';
import { StateBadge } from '../functions/state-badge';

/** How an asynchronous invocation stands, until it has ended. */
export function AsyncState({ id }: { id: string }) {
  const [ended, setEnded] = useState(false);
  const query = useQuery<AsyncDetailView>(`/v1/async/${encodeURIComponent(id)}`, ended ? {} : { everyMs: 1_000 });
  const over = (query.data?.endedAt ?? null) !== null;
  useEffect(() => setEnded(over), [over]);
  return (
    <QueryView query={query}>
      {({ state, tries, status, reason, dueAt, result }) => (
        <p role="status" data-async={state}>
          <StateBadge state={state} /> after {tries} {tries === 1 ? 'try' : 'tries'}
          {status !== null && `, answered with ${status}`}
          {reason !== null && `: ${reason}`}
          {state === 'waiting' && `; the next try is due at ${time(dueAt)}`}
          {result !== null && `; ${bytes(result.bytes)} of answer are kept`}. <a href={href('async', id)}>Its tries</a>
        </p>
      )}
    </QueryView>
  );
}
