import type { Logger } from 'pino';
import { tiersWithoutPrices } from '../../../core/cost/missing-prices';
import type { PriceTable } from '../../../core/cost/price-table';
import { isPlatformError } from '../../../core/error/platform-error';
import { enforcedStatements, nameTakenStatements, readBudget } from '../../../core/kubernetes/budget-decision';
import type { Statement } from '../../../core/kubernetes/condition';
import { BUDGETS } from '../../../core/kubernetes/custom-resources';
import type { BudgetRecord } from '../../../drivers/store/budget-store';
import type { Store } from '../../../drivers/store/store';
import type { WorkflowStarter } from '../../../gateway/api/api-context';
import type { ObjectWriter, ServedObject } from './object-writer';

export interface BudgetControllerOptions {
  readonly store: Pick<
    Store,
    | 'ensureTenant'
    | 'putBudget'
    | 'deleteBudget'
    | 'findBudget'
    | 'budgets'
    | 'budgetStates'
    | 'budgetFunctions'
    | 'secrets'
  >;
  /** In force: what they have no prices for, no budget sees. */
  readonly prices: PriceTable;
  readonly writer: ObjectWriter;
  /** Whose objects are looked after; empty: those of all namespaces. */
  readonly namespaces: readonly string[];
  readonly workflows: Pick<WorkflowStarter, 'startEnforce'>;
  readonly log: Pick<Logger, 'warn'>;
}

/** Makes the budgets of the store those that Budget objects declare, and says of each how it stands. */
export class BudgetController {
  constructor(private readonly options: BudgetControllerOptions) {}

  /** Budgets of the store that objects have declared, of the namespaces that are looked after: some may be declared no more. */
  async declared(): Promise<readonly Pick<BudgetRecord, 'tenant' | 'name'>[]> {
    const { store } = this.options;
    return (await store.budgets()).filter(({ origin, tenant }) => origin === 'kubernetes' && this.#looksAfter(tenant));
  }

  /**
   * Has a budget of a tenant be what its object declares. One whose object is gone is deleted: these objects need no finalizer.
   * @param object undefined: there is none, or none any more
   */
  async reconcile(tenant: string, name: string, object: ServedObject | undefined): Promise<void> {
    const { store, writer } = this.options;
    if (!object || object.metadata.deletionTimestamp !== undefined) return this.#forget(tenant, name);
    const one = readBudget(object);
    if (one.spec === null) {
      const known = await store.findBudget(tenant, name);
      await writer.status(BUDGETS, object, one.refused(known?.origin === 'kubernetes'));
      return;
    }
    await store.ensureTenant(tenant);
    const put = await this.#put({ tenant, name, spec: one.spec });
    if ('taken' in put) {
      await writer.status(BUDGETS, object, nameTakenStatements(put.taken));
      return;
    }
    await writer.status(BUDGETS, object, await this.#statements(put.budget));
    if (put.changed) await this.#decideSoon(tenant);
  }

  async #forget(tenant: string, name: string): Promise<void> {
    const { store } = this.options;
    const known = await store.findBudget(tenant, name);
    // One that the API has made is nobody's object.
    if (known?.origin === 'kubernetes' && this.#looksAfter(tenant))
      await store.deleteBudget(tenant, name, 'kubernetes');
  }

  #looksAfter(tenant: string): boolean {
    const { namespaces } = this.options;
    return namespaces.length === 0 || namespaces.includes(tenant);
  }

  async #put(budget: Pick<BudgetRecord, 'tenant' | 'name' | 'spec'>) {
    try {
      return await this.options.store.putBudget({ ...budget, origin: 'kubernetes' });
    } catch (error) {
      if (isPlatformError(error) && error.code === 'conflict') return { taken: error.message };
      throw error;
    }
  }

  async #statements({ id, tenant, spec }: BudgetRecord): Promise<readonly Statement[]> {
    const { store, prices } = this.options;
    const [states, functions, secrets] = await Promise.all([
      store.budgetStates({ tenant }),
      spec.functions ? store.budgetFunctions(tenant, spec.functions) : [],
      spec.webhook ? store.secrets(tenant) : [],
    ]);
    const secret = spec.webhook?.secret;
    return enforcedStatements({
      steps: states.find(({ budgetId }) => budgetId === id)?.steps ?? [],
      unknownFunctions: (spec.functions ?? []).filter(
        (name) => !functions.some((fn) => fn.name === name && !fn.deleted),
      ),
      webhook: secret === undefined ? null : { secret, found: secrets.some(({ name }) => name === secret) },
      unpriced: tiersWithoutPrices(prices),
    });
  }

  /** While Temporal is away the next minute decides. */
  async #decideSoon(tenant: string): Promise<void> {
    const { workflows, log } = this.options;
    try {
      await workflows.startEnforce(tenant);
    } catch (error) {
      log.warn({ err: error, tenant }, 'Changed budgets are decided about later');
    }
  }
}
