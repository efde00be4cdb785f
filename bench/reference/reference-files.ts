import { apiPage } from './api-page';
import { configurationPage } from './configuration-page';
import { eventsPage, manifestPage, metricsPage } from './plain-pages';
import { workflowsPage } from './workflows-page';

const MADE = '<!-- Made by `npm run reference` from the schemas: change those. -->';

/** Every page of docs/reference that is made from the code, by its file name. */
export async function referenceFiles(): Promise<ReadonlyMap<string, string>> {
  const pages: Readonly<Record<string, string>> = {
    'api.md': await apiPage(),
    'configuration.md': configurationPage(),
    'events.md': eventsPage(),
    'manifest.md': manifestPage(),
    'metrics.md': await metricsPage(),
    'workflows.md': workflowsPage(),
  };
  return new Map(Object.entries(pages).map(([name, text]) => [name, `${MADE}\n\n${text}\n`]));
}
