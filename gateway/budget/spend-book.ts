import type { Pico } from '../../core/cost/money';
import type { InvocationBatch } from '../../core/record/invocation-batch';
import type { Store } from '../../drivers/store/store';
import type { RevisionRoute } from '../invocation/revision-route';
import { BudgetTable, type BudgetLog, type StoredBudget } from './budget-table';
import { CoveredFunctions } from './covered-functions';
import { DecisionCalls } from './decision-calls';
import type { CoveredFunction } from './covered-function';
import { LiveBudget, type Unseen } from './live-budget';
import { OwnSpend } from './own-spend';
import { SpendReader } from './spend-reader';

export interface SpendBookOptions {
  readonly store: Pick<Store, 'budgets' | 'budgetStates' | 'budgetFunctions' | 'spend' | 'subscribe'>;
  /** What a call is taken to cost before one has ended. */
  readonly firstGuess: (route: Pick<RevisionRoute, 'memoryBytes'>) => Pico;
  /** Starts `enforceBudget` for a tenant. */
  readonly enforce: (tenant: string) => Promise<void>;
  /** Has what was recorded written at once. */
  readonly flush: () => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: BudgetLog;
}

const TICK_MS = 100;
/** So long after it was asked for a decision is looked for. */
const DECIDED_MS = 250;
const NOTHING: Unseen = { amount: 0n, byCritical: 0n };

/**
 * What the budgets of all tenants have left, as a gateway can know it at any moment: what the store's records came to at the last
 * look, its own calls since, those under way, and what other gateways spend meanwhile by their rate. While the store is away it
 * goes on by what it counts itself. See docs/adr/0042.
 */
export class SpendBook {
  readonly #table: BudgetTable;
  readonly #own = new OwnSpend<CoveredFunction>();
  readonly #reader: SpendReader;
  readonly #decisions: DecisionCalls;
  readonly #functions: CoveredFunctions;
  #live = new Map<string, LiveBudget>();
  #routes: readonly RevisionRoute[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: SpendBookOptions) {
    const { store, log, enforce, now, firstGuess } = options;
    this.#table = new BudgetTable(store, (budgets) => this.#follow(budgets), log);
    this.#decisions = new DecisionCalls(enforce, log);
    this.#functions = new CoveredFunctions(firstGuess);
    this.#reader = new SpendReader({ store, own: this.#own, functions: this.#functions, now, log });
  }

  /** Of all tenants. */
  get budgets(): Iterable<LiveBudget> {
    return this.#live.values();
  }

  /** Follows the budgets; what is spent has been read once when it resolves, if the store is there. */
  async open(): Promise<void> {
    await this.#table.open();
    // A first look may have been taken already; a second one costs little.
    await this.#look([...this.#live.values()]);
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#table.close();
  }

  /** Each route is told what covers its function. */
  routesChanged(routes: Iterable<RevisionRoute>): void {
    this.#routes = [...routes];
    this.#attach();
  }

  /** A call of a function that is covered has cost so much; its record follows at once. */
  spent(spend: CoveredFunction, amount: Pico): void {
    spend.spent(amount);
    this.#own.add(spend, amount);
  }

  /** What was recorded up to now is this batch. */
  sealed(batch: InvocationBatch): void {
    this.#own.seal(batch);
  }

  /** The store has it, or it is lost for good. */
  written(batch: InvocationBatch): void {
    this.#own.written(batch, this.options.now());
  }

  /** Ids of functions for which there is no money now. */
  exhausted(): readonly string[] {
    return this.#live.size === 0 ? [] : this.#functions.exhausted();
  }

  #follow(budgets: readonly StoredBudget[]): void {
    const now = this.options.now();
    const live = new Map<string, LiveBudget>();
    for (const { record, state } of budgets) {
      const budget = this.#live.get(record.id) ?? new LiveBudget(record, now);
      budget.follow(record, state, now);
      live.set(record.id, budget);
    }
    this.#live = live;
    this.#attach();
    // A raised budget has room at once, and a new one is to know at once what is spent.
    this.#tick();
  }

  #attach(): void {
    const reserving = this.#functions.attach(this.#routes, this.#live.values());
    for (const [id, budget] of this.#live) budget.reserve(reserving.has(id));
    this.#functions.queue(this.options.now());
  }

  #tick(): void {
    const now = this.options.now();
    const turned = [...this.#live.values()].filter((budget) => budget.turn(now));
    if (turned.length > 0) this.#functions.queue(now);
    this.#settle(now);
    const due = [...this.#live.values()].filter((budget) => budget.due(now));
    if (due.length > 0) void this.#look(due);
    this.#decide(now);
  }

  async #look(budgets: readonly LiveBudget[]): Promise<void> {
    if (!(await this.#reader.look(budgets))) return;
    this.#own.forget(Math.min(...[...this.#live.values()].map(({ lookedAt }) => lookedAt ?? 0)));
    this.#settle(this.options.now());
  }

  /** Puts together for each budget what its last look saw and what was spent here since. */
  #settle(now: number): void {
    const unseen = new Map<LiveBudget, Unseen>();
    const add = (budget: LiveBudget, { critical }: CoveredFunction, amount: bigint): void => {
      const sum = unseen.get(budget) ?? NOTHING;
      const byCritical = sum.byCritical + (critical ? amount : 0n);
      unseen.set(budget, { amount: sum.amount + amount, byCritical });
    };
    for (const [spend, amount] of this.#own.unwritten()) for (const budget of spend.budgets) add(budget, spend, amount);
    for (const [spend, amount, at] of this.#own.lately()) {
      for (const budget of spend.budgets) if (at >= (budget.lookedAt ?? 0)) add(budget, spend, amount);
    }
    for (const budget of this.#live.values()) budget.settle(unseen.get(budget) ?? NOTHING, now);
  }

  /** Has the workflow decide at once about what cannot wait for its schedule. */
  #decide(now: number): void {
    const tenants = new Map<string, string[]>();
    for (const budget of this.#live.values()) {
      const { tenant, name } = budget.record;
      const what = budget.undecided(now);
      tenants.set(tenant, [...(tenants.get(tenant) ?? []), ...(what === null ? [] : [`${name}: ${what}`])]);
    }
    let any = false;
    for (const [tenant, what] of tenants) {
      if (this.#decisions.tell(tenant, what.length === 0 ? null : what.join(', '), now)) any = true;
    }
    if (!any) return;
    // It decides by what the store has; that it has decided is seen before it is asked again.
    this.options.flush();
    setTimeout(() => void this.#table.refresh(), DECIDED_MS).unref();
  }
}
