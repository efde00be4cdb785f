import { Counter, type Registry } from 'prom-client';
import { CALL_COMPONENTS } from '../../core/cost/call-usage';
import type { CallCosts } from '../../core/cost/cost-sum';
import type { InvocationBatch } from '../../drivers/store/store';

/** Tenants that are counted apart; those beyond are counted together. */
const MAX_TENANTS = 200;
const OTHERS = 'other';
const PICO_PER_DOLLAR = 1e12;

/** Counts what the calls of this gateway have cost, by tenant and component. */
export class CostCounts {
  readonly #tenants = new Map<string, bigint[]>();

  add({ blocks, rows }: InvocationBatch): void {
    for (const { tenant, sums } of blocks) this.#count(tenant, sums.costs);
    for (const { tenant, costs } of rows) if (costs) this.#count(tenant, costs);
  }

  register(registry: Registry): void {
    const tenants = this.#tenants;
    new Counter({
      name: 'presage_cost_dollars_total',
      help: 'What calls have cost, in dollars, by tenant and component. To be looked at: what is charged is in the ledger.',
      labelNames: ['tenant', 'component'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [tenant, sums] of tenants) {
          for (const [part, component] of CALL_COMPONENTS.entries()) {
            this.inc({ tenant, component }, Number(sums[part]) / PICO_PER_DOLLAR);
          }
        }
      },
    });
  }

  #count(tenant: string, { cost }: CallCosts): void {
    if (cost.every((amount) => amount === 0n)) return;
    let sums = this.#tenants.get(tenant);
    if (!sums) {
      const label = this.#tenants.size < MAX_TENANTS ? tenant : OTHERS;
      sums = this.#tenants.get(label) ?? CALL_COMPONENTS.map(() => 0n);
      this.#tenants.set(label, sums);
    }
    for (const [part, amount] of cost.entries()) sums[part] = (sums[part] ?? 0n) + amount;
  }
}
