import { Logger } from 'graphile-worker';
import type { StoreLog } from '../../store/postgres/connection-pool';

/** The library's own words, of which only the bad ones matter. */
export function queueLogger(log: StoreLog | undefined): Logger {
  return new Logger(() => (level, message) => {
    const bad: string[] = ['error', 'warning'];
    if (bad.includes(level)) log?.warn({ component: 'queue' }, message);
  });
}
