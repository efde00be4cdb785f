import type { Logger } from 'pino';
import type { NodeAgent } from '../../agent/node-agent';
import type { Store } from '../../drivers/store/store';

const STORE_PAUSE_MS = 1_000;

/** Closes the rows of instances that did not outlive the agent before; waits for the store as long as it takes. */
export async function reconcileInstances(
  agent: NodeAgent,
  store: Store,
  node: string,
  openedAt: number,
  log: Logger,
): Promise<void> {
  for (;;) {
    try {
      agent.reconcile(await store.instances({ node, live: true }), openedAt);
      return;
    } catch (error) {
      log.warn({ event: 'agent.store-away', error: String(error) }, 'the store does not answer yet');
      await new Promise<void>((resolve) => void setTimeout(resolve, STORE_PAUSE_MS).unref());
    }
  }
}
