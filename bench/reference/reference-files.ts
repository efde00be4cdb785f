import { apiPage } from './api-page';
import { configurationPage } from './configuration-page';
import { eventsPage, manifestPage, metricsPage } from './plain-pages';
import { workflowsPage } from './workflows-page';
import { cliPage } from '../../cli/reference/cli-page';
import { manualPage } from '../../cli/reference/manual-page';
import { paperProgram } from '../../cli/reference/paper-program';

const MADE = '<!-- Made by `npm run reference` from the schemas: change those. -->';

/** Every page of docs/reference that is made from the code, by its file name. */
export async function referenceFiles(): Promise<ReadonlyMap<string, string>> {
  const program = paperProgram();
  const pages: Readonly<Record<string, string>> = {
    'api.md': await apiPage(),
    'cli.md': cliPage(program),
    'configuration.md': configurationPage(),
    'events.md': eventsPage(),
    'manifest.md': manifestPage(),
    'metrics.md': await metricsPage(),
    'workflows.md': workflowsPage(),
  };
  const made = Object.entries(pages).map(([name, text]): [string, string] => [name, `${MADE}\n\n${text}\n`]);
  return new Map([...made, ['presage.1', manualPage(program)]]);
}
