import type { AsyncView } from '../../lib/answers';
import { time } from '../../lib/format';

/** What became of an asynchronous invocation, or what comes next. */
export function inWords({ state, status, reason, dueAt, endedAt }: AsyncView): string {
  const answer = status === null ? '' : `answered with ${status}`;
  const why = reason ?? '';
  if (endedAt !== null) return [answer, why].filter(Boolean).join(': ') || `ended at ${time(endedAt)}`;
  if (state === 'waiting') return `${why === '' ? '' : `${why}; `}the next try is due at ${time(dueAt)}`;
  return state === 'running' ? 'a try is under way' : 'its first try comes';
}
