import { testClient, type TestClient } from '../../e2e/support/test-platform';
import { journeys } from './journeys';

/** A client of the platform that the journeys share, as its admin; close its probe when done. */
export function journeyClient(): TestClient {
  const { url, keys } = journeys();
  return testClient({ url, apiKey: keys.admin });
}
