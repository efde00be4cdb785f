import { z } from 'zod';
import { rungOfInstance } from '../../core/agent/instance-rung';
import { START_KINDS, type StartKind } from '../../core/start/start';
import type { FunctionRecord, MinuteCount } from '../../drivers/store/store';
import type { ApiContext } from './api-context';
import { weightsSchema } from './routes/aliases-routes';

const MINUTE_MS = 60_000;
const MINUTES = 60;
const SERVING_STATES = ['serving', 'deploying', 'failed', 'not-routed'] as const;
const count = z.number().int();

export const activitySchema = z
  .object({
    state: z
      .enum(SERVING_STATES)
      .describe(
        'serving: live points at a revision; else by the newest revision: it is on its way, failed, or left out',
      ),
    live: weightsSchema.nullable().describe('what live points at'),
    minutes: z.array(count).describe(`requests in each of the last ${MINUTES} minutes, the oldest first`),
    errors: count.describe('of those'),
    byKind: z.record(z.enum(START_KINDS), count).describe('of those'),
    instances: z.object({ running: count, frozen: count }),
    checkpoints: count.describe('that can be restored'),
  })
  .meta({ id: 'FunctionActivity' });
type Activity = z.output<typeof activitySchema>;

/** What these functions of a tenant did in the last hour, and what is held of each, by their ids: a few queries for all of them. */
export async function functionActivity(
  { store, now }: ApiContext,
  tenant: string,
  functions: readonly FunctionRecord[],
): Promise<ReadonlyMap<string, Activity>> {
  const to = Math.floor(now().getTime() / MINUTE_MS + 1) * MINUTE_MS;
  const from = to - MINUTES * MINUTE_MS;
  const [counts, instances, checkpoints, aliases] = await Promise.all([
    store.minuteCounts({ tenant, from: new Date(from), to: new Date(to) }),
    store.instances({ tenant, live: true }),
    store.checkpoints({ tenant, states: ['ready'] }),
    store.aliases(...functions.map(({ id }) => id)),
  ]);
  const countsOf = groupedBy(counts, (row) => row.functionId);
  const instancesOf = groupedBy(instances, (row) => row.function);
  const checkpointsOf = groupedBy(checkpoints, (row) => row.function);
  const liveOf = new Map(
    aliases.filter(({ name }) => name === 'live').map(({ functionId, weights }) => [functionId, weights]),
  );
  const activities = functions.map(async ({ id, name }): Promise<[string, Activity]> => {
    const live = liveOf.get(id);
    const rungs = (instancesOf.get(name) ?? []).map(({ state }) => rungOfInstance(state));
    return [
      id,
      {
        state: live ? 'serving' : await stateOfNewest(store, id),
        live: live?.map((share) => ({ ...share })) ?? null,
        ...traffic(countsOf.get(id) ?? [], from),
        instances: {
          running: rungs.filter((rung) => rung === 'running').length,
          frozen: rungs.filter((rung) => rung === 'frozen').length,
        },
        checkpoints: checkpointsOf.get(name)?.length ?? 0,
      },
    ];
  });
  return new Map(await Promise.all(activities));
}

function traffic(counts: readonly MinuteCount[], from: number): Pick<Activity, 'minutes' | 'errors' | 'byKind'> {
  const minutes = new Array<number>(MINUTES).fill(0);
  const byKind: Record<StartKind, number> = { hot: 0, warm: 0, restore: 0, cold: 0 };
  let errors = 0;
  for (const row of counts) {
    minutes[(row.minute.getTime() - from) / MINUTE_MS] = row.total;
    errors += row.errors;
    for (const kind of START_KINDS) byKind[kind] += row.byKind[kind];
  }
  return { minutes, errors, byKind };
}

async function stateOfNewest(store: ApiContext['store'], functionId: string): Promise<Activity['state']> {
  const [newest] = [...(await store.revisions(functionId))].sort((a, b) => b.number - a.number);
  return newest?.state === 'failed' ? 'failed' : newest?.state === 'pending' ? 'deploying' : 'not-routed';
}

function groupedBy<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
