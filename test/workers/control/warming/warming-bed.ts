import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { WarmthPlan, WarmthQuery } from '../../../../activities/warmth-planner';
import { budgetSpecSchema, type DegradeStep } from '../../../../core/budget/budget-spec';
import { parseManifest, type ManifestInput } from '../../../../core/function/manifest';
import { DEFAULT_PRICES } from '../../../../core/warming/prices';
import { WarmingService, type WarmingServiceOptions } from '../../../../workers/control/warming/warming-service';
import { sampleForecast } from '../../../drivers/store/forecast-contract';
import { packed, sampleInvocation } from '../../../drivers/store/sample-records';
import { createMemoryStore } from '../../../fakes/memory-store';
import { manifestOf } from '../../../gateway/api/api-harness';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const GB = 1e9;

type Decision = WarmthPlan['decisions'][number];

/** A warming service over a store and a clock of its own. */
export class WarmingBed {
  now = Date.parse('2026-03-10T09:00:08Z');
  readonly store = createMemoryStore(() => new Date(this.now));
  service = this.newService({});

  stop(): Promise<void> {
    return this.service.stop();
  }

  /** In place of the one before, with nothing learned. */
  async renew(change: Partial<WarmingServiceOptions>): Promise<void> {
    await this.service.stop();
    this.service = this.newService(change);
  }

  async makeFunction(name: string, spec: Partial<ManifestInput['spec']> = {}): Promise<string> {
    await this.store.ensureTenant('acme');
    const plain = manifestOf(name) as ManifestInput;
    const manifest = parseManifest({ ...plain, spec: { ...plain.spec, resources: { memory: '100M' }, ...spec } });
    const made = { tenant: 'acme', manifest, digest: randomUUID(), codeDigest: 'c', codeKind: 'layer' } as const;
    const { function: fn, revision } = await this.store.createRevision(made);
    await this.store.setAlias(fn.id, 'live', [{ revision: revision.number, weight: 100 }]);
    return fn.id;
  }

  async called(functionId: string, at: number, change: object = {}): Promise<void> {
    const call = { id: randomUUID(), tenant: 'acme', functionId, at: new Date(at), totalMs: 100, ...change };
    await this.store.writeInvocations(packed([sampleInvocation(call)]));
  }

  /** The same number of calls in each of the next ten minutes, for sure. */
  async expectCalls(functionId: string, calls: number, at = this.now): Promise<void> {
    const mean = Array.from({ length: 10 }, () => calls);
    const quantiles = Array.from({ length: 80 }, () => calls);
    const whole = new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS);
    await this.store.writeForecasts([sampleForecast({ functionId, at: whole, mean, quantiles })]);
  }

  plan(change: Partial<WarmthQuery> = {}): Promise<WarmthPlan> {
    const nodes = [{ name: 'local', memoryBytes: 10 * GB }];
    return this.service.plan({ decisionId: 'd', dryRun: false, nodes, ...change });
  }

  async decisionOf(functionId: string, change: Partial<WarmthQuery> = {}): Promise<Decision | undefined> {
    return (await this.plan(change)).decisions.find((row) => row.functionId === functionId);
  }

  /** The next minute's decision. */
  async minute(functionId: string): Promise<Decision | undefined> {
    this.now += MINUTE_MS;
    return this.decisionOf(functionId);
  }

  /** A budget of a dollar with the last decision about it. `spent` in picodollars. */
  async budget(steps: readonly DegradeStep[], spent: bigint, functions?: string[]): Promise<void> {
    const spec = budgetSpecSchema.parse({ limit: '1', ...(functions ? { functions } : {}) });
    const { budget } = await this.store.putBudget({ tenant: 'acme', name: 'all', spec, origin: 'api' });
    const at = new Date(this.now);
    await this.store.setBudgetState(
      {
        budgetId: budget.id,
        generation: budget.generation,
        periodStart: new Date(this.now - HOUR_MS),
        periodEnd: new Date(this.now + HOUR_MS),
        steps,
        plan: [],
        spent,
        spentByCritical: 0n,
        forecast: spent,
        decidedAt: at,
        changedAt: at,
      },
      { ifDecidedAt: null, events: [] },
    );
  }

  private newService(change: Partial<WarmingServiceOptions>): WarmingService {
    const log = pino({ level: 'silent' });
    const settings = { policy: 'fixed:10m', memoryShare: 1, prices: DEFAULT_PRICES, chargedGbSecond: 10 };
    return new WarmingService({ store: this.store, log, now: () => this.now, ...settings, ...change });
  }
}
