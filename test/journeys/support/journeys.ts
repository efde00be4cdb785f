import type { Config } from '../../../workers/config';

/** What all journeys share: one platform under traffic, keys of it, and an issuer that people log in with. */
export interface Journeys {
  readonly url: string;
  readonly config: Config;
  /** `none` may do nothing that the console shows. */
  readonly keys: { readonly admin: string; readonly reader: string; readonly none: string };
  readonly issuer: string;
}

const VARIABLE = 'PRESAGE_JOURNEYS';

/** For the tests, which have no other way to hear of what was started before them. */
export function tellJourneys(journeys: Journeys): void {
  process.env[VARIABLE] = JSON.stringify(journeys);
}

export function journeys(): Journeys {
  const text = process.env[VARIABLE];
  if (text === undefined)
    throw new Error('No platform was started for the journeys: run them with npm run test:console');
  return JSON.parse(text) as Journeys;
}
