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

/** They are installed before any of this can run, so here they are only looked at. */
function nodePackages(): Prerequisite {
  return {
    title: `npm packages, Node.js ${process.versions.node}`,
    need: 'always',
    check: () => {
      const { packagesMissing } = require(assetPath('bin/prepare.js')) as { packagesMissing: () => string | null };
      const difference = packagesMissing();
      return Promise.resolve(difference === null ? found('as in package-lock.json') : missing(difference, 'npm ci'));
    },
    ensure: () => Promise.resolve(),
  };
}
