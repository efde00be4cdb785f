import type { Dashboard } from '../dashboard';
import { figure, lines } from '../panel';

/** Invocations that nobody waits for. */
export const ASYNC: Dashboard = {
  uid: 'presage-async',
  title: 'Presage / Async',
  description: 'What waits, what was given up, and how tries end.',
  rows: {
    Queue: [
      figure(
        'Oldest that is due',
        's',
        'How long it waits for its try.',
        { oldest: 'max(presage_async_oldest_due_seconds)' },
        { width: 8, badFrom: 60 },
      ),
      figure(
        'Not ended',
        'short',
        'Queued, waiting for a retry, or running.',
        { open: 'sum(max by (tenant, function, state) (presage_async_invocations{state=~"queued|waiting|running"}))' },
        { width: 8 },
      ),
      figure(
        'Dead letters',
        'short',
        'Given up, and kept for a redrive.',
        { dead: 'sum(max by (tenant, function, state) (presage_async_invocations{state="dead"}))' },
        { width: 8, badFrom: 1 },
      ),
      lines(
        'By state',
        'short',
        'In the whole queue.',
        { '{{state}}': 'sum by (state) (max by (tenant, function, state) (presage_async_invocations))' },
        { stacked: true },
      ),
      lines('By function', 'short', 'The ten with the most that have not ended.', {
        '{{tenant}}/{{function}}':
          'topk(10, sum by (tenant, function) (max by (tenant, function, state) (presage_async_invocations{state=~"queued|waiting|running"})))',
      }),
    ],
    Work: [
      lines(
        'Accepted by origin',
        'ops',
        'How they came about.',
        { '{{origin}}': 'sum by (origin) (rate(presage_async_accepted_total[$__rate_interval]))' },
        { stacked: true },
      ),
      lines(
        'Tries by outcome',
        'ops',
        'waiting: it will be tried again; dead: it was given up.',
        { '{{outcome}}': 'sum by (outcome) (rate(presage_async_tries_total[$__rate_interval]))' },
        { stacked: true },
      ),
      lines(
        'Wait of the oldest',
        's',
        'Of those that are due.',
        { oldest: 'max(presage_async_oldest_due_seconds)' },
        { badFrom: 60 },
      ),
    ],
  },
};
