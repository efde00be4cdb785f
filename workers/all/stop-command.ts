import type { Environment } from './environment';
import type { PidRecord } from './process/pid-files';
import { isRunning } from './process/process-identity';
import { pidFiles } from './start-command';
import { endProcess } from './supervisor/child';
import { belongs, STOP_ORDER } from './supervisor/supervisor';

/** Longer than all time limits of the supervisor's own stop, one after the other. */
const SUPERVISOR_STOP_MS = 120_000;
const CHILD_STOP_MS = 45_000;

/** Ends what runs from the data folder: through its supervisor, or one by one what a killed supervisor left. */
export async function stopPlatform(environment: Environment, say: (line: string) => void): Promise<void> {
  const pids = pidFiles(environment);
  const supervisor = pids.running('supervisor');
  if (supervisor) {
    say(`Ending Presage (pid ${supervisor.pid})…`);
    if (await endProcess(supervisor, 'SIGTERM', SUPERVISOR_STOP_MS))
      say('Its supervisor did not end in time and was killed.');
    pids.remove('supervisor');
  }
  const left = pids.allRunning();
  for (const prefixes of STOP_ORDER) {
    await Promise.all(left.filter(({ name }) => belongs(name, prefixes)).map((record) => end(record, say)));
  }
  for (const { name } of left) pids.remove(name);
  say(supervisor || left.length > 0 ? 'Everything has ended.' : 'Nothing runs from this data folder.');
}

async function end(record: PidRecord, say: (line: string) => void): Promise<void> {
  if (!isRunning(record)) return;
  say(`Ending ${record.name} (pid ${record.pid}), left behind…`);
  // PostgreSQL's "fast" shutdown is SIGINT; its SIGTERM waits for every session to end.
  await endProcess(record, record.name === 'postgres' ? 'SIGINT' : 'SIGTERM', CHILD_STOP_MS);
}
