import type { Logger } from 'pino';
import { isPlatformError, toPlatformError, type PlatformError } from '../../../core/error/platform-error';
import {
  enforcedStatements,
  nameTakenStatements,
  readBudget,
  type ReadBudget,
} from '../../../core/kubernetes/budget-decision';
import type { Statement } from '../../../core/kubernetes/condition';
import { BUDGETS } from '../../../core/kubernetes/custom-resources';
import type { BudgetRecord } from '../../../drivers/store/budget-store';
import type { Store } from '../../../drivers/store/store';
import type { WorkflowStarter } from '../../../gateway/api/api-context';
import type { ObjectWriter, ServedObject } from './object-writer';

export interface BudgetControllerOptions {
  readonly store: Pick<
    Store,
    'ensureTenant' | 'putBudget' | 'deleteBudget' | 'budgets' | 'budgetStates' | 'budgetFunctions'
  >;
  readonly writer: ObjectWriter;
  /** Whose objects are looked after; empty: those of all namespaces. */
  readonly namespaces: readonly string[];
  readonly workflows: Pick<WorkflowStarter, 'startEnforce'>;
  readonly log: Pick<Logger, 'warn'>;
}

/** Makes the budgets of the store those that Budget objects declare, and says of each how it stands. */
export class BudgetController {
  constructor(private readonly options: BudgetControllerOptions) {}

  /**
   * Budgets whose objects are gone are deleted, also what went while nobody looked: these objects need no finalizer.
   * @throws PlatformError what the last of the writes failed of; the others were done
   */
  async reconcile(objects: readonly ServedObject[]): Promise<void> {
    const { store, namespaces } = this.options;
    const read = objects.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(readBudget);
    const known = (await store.budgets()).filter(({ origin }) => origin === 'kubernetes');
    const declared = new Set(read.map(({ object: { metadata } }) => `${metadata.namespace}/${metadata.name}`));
    const changed = new Set<string>();
    for (const { tenant, name } of known) {
      const ours = namespaces.length === 0 || namespaces.includes(tenant);
      if (ours && !declared.has(`${tenant}/${name}`)) await store.deleteBudget(tenant, name, 'kubernetes');
    }
    let failure: PlatformError | undefined;
    for (const one of read) {
      try {
        if (await this.#look(one, known)) changed.add(one.object.metadata.namespace);
      } catch (error) {
        const own = toPlatformError(error);
        if (own.code !== 'not_found') failure = own;
      }
    }
    for (const tenant of changed) await this.#decideSoon(tenant);
    if (failure) throw failure;
  }

  /** True where it was changed. */
  async #look(one: ReadBudget, known: readonly BudgetRecord[]): Promise<boolean> {
    const { store, writer } = this.options;
    const object = one.object as ServedObject;
    const { namespace: tenant, name } = object.metadata;
    if (one.spec === null) {
      const kept = known.some((budget) => budget.tenant === tenant && budget.name === name);
      await writer.status(BUDGETS, object, one.refused(kept));
      return false;
    }
    await store.ensureTenant(tenant);
    const put = await this.#put({ tenant, name, spec: one.spec });
    if ('taken' in put) {
      await writer.status(BUDGETS, object, nameTakenStatements(put.taken));
      return false;
    }
    await writer.status(BUDGETS, object, await this.#statements(put.budget));
    return put.changed;
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
    const { store } = this.options;
    const [states, functions] = await Promise.all([
      store.budgetStates({ tenant }),
      spec.functions ? store.budgetFunctions(tenant, spec.functions) : [],
    ]);
    const unknown = (spec.functions ?? []).filter((name) => !functions.some((fn) => fn.name === name && !fn.deleted));
    return enforcedStatements(states.find(({ budgetId }) => budgetId === id)?.steps ?? [], unknown);
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
