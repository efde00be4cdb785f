import { isPlatformError } from '../../core/error/platform-error';
import type { NodeStats } from '../metrics/node-stats';
import type { ApiContext } from './api-context';

/** One thing that was looked at. What is not `required` makes the gateway degraded, not unready. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly required: boolean;
  readonly detail: string;
}
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'unready';
  readonly checks: readonly Check[];
}

const TTL_MS = 1_000;
const TIMEOUT_MS = 2_000;

/** Looks at all that an invocation needs; probes that come together share one look. */
export class ReadinessProbe {
  #look: Promise<Readiness> | undefined;
  #lookedAt = -Infinity;

  constructor(
    private readonly context: ApiContext,
    private readonly nodeStats: NodeStats,
  ) {}

  async readiness(): Promise<Readiness> {
    const now = this.context.now().getTime();
    if (!this.#look || now - this.#lookedAt >= TTL_MS) {
      this.#lookedAt = now;
      this.#look = this.#checks().then((checks) => ({ status: statusOf(checks), checks }));
    }
    const looked = await this.#look;
    // Draining must show at once.
    if (!this.context.draining()) return looked;
    return {
      status: 'unready',
      checks: [{ name: 'draining', ok: false, required: true, detail: 'is stopping' }, ...looked.checks],
    };
  }

  async #checks(): Promise<readonly Check[]> {
    const { store, workflows, routesReady } = this.context;
    const [database, temporal, agents] = await Promise.all([
      // With a route table in memory invocations are served without the database.
      check('store', false, () => store.ping()),
      check('temporal', false, () => workflows.ping()),
      this.nodeStats.reports(),
    ]);
    const up = agents.filter((report) => report.stats !== null).length;
    const routes = routesReady();
    return [
      {
        name: 'routes',
        ok: routes,
        required: true,
        detail: routes ? 'the route table is loaded' : 'the route table is not loaded yet',
      },
      { name: 'agents', ok: up > 0, required: true, detail: `${up} of ${agents.length} answer` },
      ...agents.map(({ node, stats }) => ({
        name: `agent ${node}`,
        ok: stats !== null && !stats.draining,
        required: false,
        detail: stats === null ? 'does not answer' : stats.draining ? 'is draining' : 'answers',
      })),
      database,
      temporal,
    ];
  }
}

function statusOf(checks: readonly Check[]): Readiness['status'] {
  if (checks.some((item) => item.required && !item.ok)) return 'unready';
  return checks.every((item) => item.ok) ? 'ready' : 'degraded';
}

async function check(name: string, required: boolean, probe: () => Promise<void>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`did not answer within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
  });
  try {
    const failure = await Promise.race([probe().then(() => null), late]);
    return { name, ok: failure === null, required, detail: failure ?? 'answers' };
  } catch (error) {
    // Others than ours may carry addresses and credentials.
    return { name, ok: false, required, detail: isPlatformError(error) ? error.message : 'does not answer' };
  } finally {
    clearTimeout(timer);
  }
}
