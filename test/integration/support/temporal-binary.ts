import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** The Temporal CLI that `npm test` has put in place. @throws Error that says how to get it */
export function temporalBinary(): string {
  const cache = process.env['PRESAGE_CACHE'] ?? path.join(homedir(), '.cache/presage');
  const onPath = (process.env['PATH'] ?? '').split(':').map((folder) => path.join(folder, 'temporal'));
  const found = [path.join(cache, 'temporal/1.5.1/temporal'), ...onPath].find((file) => existsSync(file));
  if (!found) throw new Error('There is no Temporal server; `npm test` builds one, or run `npm run doctor`');
  return found;
}
