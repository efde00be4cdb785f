import { connect } from 'node:net';
import type { InstalledBudget } from '../../../core/doctor/installation';
import type { Store } from '../../../drivers/store/store';

const TIMEOUT_MS = 3_000;

/** All budgets, and whether their webhooks take a connection; nothing is sent to them. */
export async function budgetFacts(store: Pick<Store, 'budgets'>): Promise<readonly InstalledBudget[]> {
  const budgets = await store.budgets();
  return Promise.all(
    budgets.map(async ({ tenant, name, spec: { alertAt, webhook } }) => ({
      ...{ tenant, name, alerts: alertAt.length },
      unreached: webhook ? await reach(webhook.url) : undefined,
    })),
  );
}

/** Why nobody takes a connection there; null: somebody does. */
export function reach(address: string): Promise<string | null> {
  const { hostname, port, protocol } = new URL(address);
  const at = Number(port || (protocol === 'https:' ? 443 : 80));
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: at, timeout: TIMEOUT_MS });
    const end = (why: string | null): void => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end(`${hostname}:${at} does not answer`));
    socket.once('error', (error: NodeJS.ErrnoException) => end(`${hostname}:${at}: ${error.code ?? error.message}`));
  });
}
