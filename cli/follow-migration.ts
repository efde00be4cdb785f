import type { ApiClient } from './api-client';
import type { MigrationResource } from './api-resources';
import { PatientLook } from './patient-look';
import { pause } from './server-events';

/** Milliseconds between two looks. */
const LOOK_MS = 300;

/**
 * Looks at a migration until it has ended, and tells each new step. It goes on without us: a platform that is restarted
 * meanwhile is waited for.
 */
export async function followMigration(
  api: ApiClient,
  first: MigrationResource,
  options: { signal: AbortSignal; onStep: (step: string) => void },
): Promise<MigrationResource> {
  const look = new PatientLook(api);
  let migration = first;
  let told = 0;
  for (;;) {
    for (; told < migration.phases.length; told++) options.onStep(migration.phases[told]?.step ?? '');
    if (migration.state !== 'running' || options.signal.aborted) return migration;
    await pause(LOOK_MS, options.signal);
    migration = (await look.at<MigrationResource>(`/v1/migrations/${encodeURIComponent(migration.id)}`)) ?? migration;
  }
}
