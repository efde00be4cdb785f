import type { Store } from './store';

const MINUTE_MS = 60_000;

/** Requests of each minute from `from` on, to but not including `to`; zeros where nothing was. By function id. */
export async function readHistory(
  store: Pick<Store, 'minuteCounts'>,
  functionIds: readonly string[],
  from: Date,
  to: Date,
): Promise<Map<string, Float64Array>> {
  const minutes = Math.max(0, Math.round((to.getTime() - from.getTime()) / MINUTE_MS));
  const histories = new Map<string, Float64Array>();
  for (const functionId of functionIds) {
    const counts = new Float64Array(minutes);
    for (const { minute, total } of await store.minuteCounts({ functionId, from, to })) {
      counts[Math.round((minute.getTime() - from.getTime()) / MINUTE_MS)] = total;
    }
    histories.set(functionId, counts);
  }
  return histories;
}
