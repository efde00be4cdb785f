import { assetPath } from '../../../drivers/asset-path';
import type { Config } from '../../config';
import { postgresPrerequisite } from './postgres-binaries';
import { found, missing, type Prerequisite } from './prerequisite';
import { sandboxPrerequisites } from './sandbox-prerequisites';
import { temporalPrerequisite } from './temporal-binary';

/** Everything that `npm start` needs with this configuration, in the order in which it is set up. */
export function prerequisites(config: Config, cacheDir: string): readonly Prerequisite[] {
  return [
    nodePackages(),
    postgresPrerequisite(cacheDir, config.postgres.url),
    ...sandboxPrerequisites(cacheDir, config.agent.sandbox),
    temporalPrerequisite(cacheDir, config.temporal.address),
  ];
}

/** The plain JavaScript that prepares a checkout before any package exists. */
async function importPrepare(): Promise<{ packagesMissing: () => string | null }> {
  return (await import(assetPath('bin/prepare.js'))) as { packagesMissing: () => string | null };
}

/** They are installed before any of this can run, so here they are only looked at. */
function nodePackages(): Prerequisite {
  return {
    title: `npm packages, Node.js ${process.versions.node}`,
    need: 'always',
    check: () => {
      return importPrepare().then(({ packagesMissing }) => {
        const difference = packagesMissing();
        return difference === null ? found('as in package-lock.json') : missing(difference, 'npm ci');
      });
    },
    ensure: () => Promise.resolve(),
  };
}
