import type { Instance } from './instance';
import { accepts } from './readiness';

const CHECK_MS = 1_000;

/** Whether something still takes connections for it. The kernel answers for a busy or frozen process as well. */
export async function checkInstance(instance: Instance): Promise<boolean> {
  if (!instance.endpoint) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, CHECK_MS, false)));
  const alive = await Promise.race([accepts(instance.endpoint), late]);
  clearTimeout(timer);
  return alive;
}
