import type { Instance } from './instance/instance';
import type { EndedReply } from './rpc/agent-messages';

/** Waits until the instances are gone, or the deadline is over. */
export async function awaitEnd(instances: readonly Instance[], deadlineMs: number): Promise<EndedReply> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)));
  await Promise.race([Promise.all(instances.map(({ whenGone }) => whenGone)), late]);
  clearTimeout(timer);
  const left = instances.filter(({ state }) => state !== 'gone').length;
  return { ended: instances.length - left, left };
}
