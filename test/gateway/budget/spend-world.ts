import { budgetSpecSchema, type BudgetSpecInput } from '../../../core/budget/budget-spec';
import type { InvocationBatch } from '../../../core/record/invocation-batch';
import type { BudgetRecord, BudgetState } from '../../../drivers/store/budget-store';
import type { Spend, SpendQuery } from '../../../drivers/store/cost-store';
import type { CoveredFunction } from '../../../gateway/budget/covered-function';
import { SpendBook } from '../../../gateway/budget/spend-book';
import { revisionRouteOf, type RevisionRoute } from '../../../gateway/invocation/revision-route';
import { revisionRecord, silent } from '../gateway-harness';
import { recordOf } from '../record/invocation-record';

/** A store of budgets and sums in memory, and gateways that count against it. Time is that of jest's clock. */
export class SpendWorld {
  away = false;
  /** What a look takes. */
  lookMs = 5;
  looks = 0;
  readonly enforced: { readonly tenant: string; readonly at: number }[] = [];
  readonly spent = new Map<string, bigint>();
  #records: BudgetRecord[] = [];
  #states: BudgetState[] = [];
  #listeners: ((payload: string) => void)[] = [];

  setBudget(spec: BudgetSpecInput, name = 'all'): BudgetRecord {
    const before = this.#records.find((record) => record.name === name);
    const record: BudgetRecord = {
      id: `${name}-id`,
      tenant: 'acme',
      name,
      spec: budgetSpecSchema.parse(spec),
      generation: (before?.generation ?? 0) + 1,
      origin: 'api',
      createdAt: new Date(0),
      updatedAt: new Date(0),
    };
    this.#records = [...this.#records.filter((other) => other !== before), record];
    this.#tell();
    return record;
  }

  setState({ id, generation }: BudgetRecord, part: Partial<BudgetState>): void {
    const state: BudgetState = {
      budgetId: id,
      generation,
      periodStart: new Date(0),
      periodEnd: new Date(8.64e15),
      steps: [],
      plan: [],
      spent: 0n,
      spentByCritical: 0n,
      forecast: 0n,
      alerted: [],
      decidedAt: new Date(),
      changedAt: new Date(),
      ...part,
    };
    this.#states = [...this.#states.filter(({ budgetId }) => budgetId !== id), state];
    this.#tell();
  }

  get total(): bigint {
    return [...this.spent.values()].reduce((sum, amount) => sum + amount, 0n);
  }

  /** A gateway that has opened its book. */
  async gateway(...functions: readonly RevisionRoute[]): Promise<WorldGateway> {
    const gateway = new WorldGateway(this, functions);
    await Promise.all([gateway.book.open(), jest.advanceTimersByTimeAsync(2 * this.lookMs)]);
    return gateway;
  }

  readonly store = {
    budgets: () => this.#answer(() => this.#records),
    budgetStates: () => this.#answer(() => this.#states),
    budgetFunctions: (_tenant: string, names: readonly string[] | null) =>
      this.#answer(() => (names ?? []).map((name) => ({ id: `${name}-id`, name, deleted: false }))),
    subscribe: (_topic: string, listener: (payload: string) => void) => {
      this.#listeners.push(listener);
      return Promise.resolve(() => Promise.resolve());
    },
    spend: async (queries: readonly SpendQuery[]): Promise<Spend[]> => {
      this.looks++;
      if (this.away) throw new Error('connection refused');
      const readFrom = new Date();
      await new Promise((resolve) => setTimeout(resolve, this.lookMs));
      return queries.map(({ functionIds }) => {
        const byFunction = new Map([...this.spent].filter(([id]) => functionIds?.includes(id) ?? true));
        return { spent: [...byFunction.values()].reduce((sum, each) => sum + each, 0n), byFunction, readFrom };
      });
    },
  };

  #answer<T>(value: () => T): Promise<T> {
    return this.away ? Promise.reject(new Error('connection refused')) : Promise.resolve(value());
  }

  #tell(): void {
    for (const listener of this.#listeners) listener('acme');
  }
}

/** Lets calls in by its book and writes their records a second's together, as gateways do. */
export class WorldGateway {
  readonly book: SpendBook;
  admitted = 0;
  refused = 0;
  #batches = 0;
  #open = new Map<string, bigint>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly world: SpendWorld,
    readonly functions: readonly RevisionRoute[],
    flushMs = 1_000,
  ) {
    this.book = new SpendBook({
      store: world.store,
      firstGuess: () => 0,
      enforce: (tenant) => {
        world.enforced.push({ tenant, at: Date.now() });
        return Promise.resolve();
      },
      flush: () => this.flush(),
      now: () => Date.now(),
      log: silent,
    });
    this.book.routesChanged(functions);
    this.#timer = setInterval(() => this.flush(), flushMs);
  }

  spendOf(route: RevisionRoute | undefined = this.functions[0]): CoveredFunction {
    if (!route?.spend) throw new Error('no budget covers the function');
    return route.spend;
  }

  /** One call that takes no time. True when it was let in. */
  call(amount: number, route = this.functions[0]): boolean {
    const spend = this.spendOf(route);
    try {
      const held = spend.enter();
      this.book.spent(spend, amount);
      this.#open.set(spend.functionId, (this.#open.get(spend.functionId) ?? 0n) + BigInt(amount));
      spend.leave(held);
      this.admitted++;
      return true;
    } catch {
      this.refused++;
      return false;
    }
  }

  flush(): void {
    if (this.#open.size === 0) return;
    const batch: InvocationBatch = { blocks: [], rows: [recordOf({ id: `batch-${this.#batches++}` })] };
    const open = this.#open;
    this.#open = new Map();
    this.book.sealed(batch);
    const write = (): void => {
      if (this.world.away) {
        setTimeout(write, 250);
        return;
      }
      for (const [id, amount] of open) this.world.spent.set(id, (this.world.spent.get(id) ?? 0n) + amount);
      this.book.written(batch);
    };
    setTimeout(write, 10);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.book.close();
  }
}

export function routeOf(name: string, spec: Record<string, unknown> = {}): RevisionRoute {
  return revisionRouteOf(revisionRecord(name, spec));
}
