import type { Logger } from 'pino';
import type { WarmthPlan, WarmthPlanner, WarmthQuery } from '../../../activities/warmth-planner';
import { BudgetConstraints } from '../../../core/budget/budget-constraints';
import { mainRevision } from '../../../core/function/alias-weights';
import { forecastAhead, type StoredForecast } from '../../../core/warming/forecast-ahead';
import type { WarmingPrices } from '../../../core/warming/prices';
import { policyOf } from '../../../core/warming/policies/policy-of';
import type { Store } from '../../../drivers/store/store';
import { Slices } from '../forecast/forecast-round';
import { FleetDecider } from './fleet-decider';
import { WarmFleet } from './warm-fleet';
import type { WarmFacts } from './warmed-function';

const MINUTE_MS = 60_000;
/** Forecasts reach ten minutes: older ones say nothing of now. */
const OLDEST_FORECAST_MS = 10 * MINUTE_MS;
/** A policy that nobody asked for so long is forgotten. */
const FORGOTTEN_MS = 10 * MINUTE_MS;

export interface WarmingServiceOptions {
  readonly store: Store;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Name of the policy that decides as long as nobody has put another in force. */
  readonly policy: string;
  /** Part of each node's memory that targets may fill, 0 to 1. */
  readonly memoryShare: number;
  readonly prices: WarmingPrices;
  /** Of a GB that is held for a second, as it is charged: of the dearest tier. Micro-dollars. */
  readonly chargedGbSecond: number;
}

interface Fleet {
  readonly fleet: WarmFleet;
  readonly decider: FleetDecider;
  askedAt: number;
}

/** Decides what is held warm. Pasts of all functions are in its memory, one set for each policy that is asked for. */
export class WarmingService implements WarmthPlanner {
  readonly #fleets = new Map<string, Fleet>();
  /** One decision after the other: they share what is in memory. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(private readonly options: WarmingServiceOptions) {}

  /** Reads the pasts of all functions, so that the first decision finds them. Does not wait for it. */
  start(): void {
    void this.#readPasts().catch((error: unknown) => {
      this.options.log.warn({ err: error }, 'The pasts of functions could not be read; the next decision reads them');
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turn.catch(() => undefined);
  }

  plan(query: WarmthQuery): Promise<WarmthPlan> {
    return this.#inTurn(() => this.#plan(query));
  }

  async #readPasts(): Promise<void> {
    const { fleet } = this.#fleetOf(await this.#live());
    // Decisions come in between: they need not wait until all is read.
    const some = () => this.#inTurn(async () => fleet.advance(this.options.now(), await this.#readFacts()));
    do await some();
    while (fleet.waiting > 0 && !this.#stopped);
  }

  async #plan(query: WarmthQuery): Promise<WarmthPlan> {
    const { decisionId, tenant, functions, dryRun, nodes } = query;
    const slices = new Slices();
    const live = await this.#live();
    const policy = query.policy ?? live;
    const now = this.options.now();
    const { fleet, decider } = this.#fleetOf(policy);
    await fleet.advance(now, await this.#readFacts());
    const forecasts = await this.#forecasts(now);
    const { decisions, newlyCapped } = await decider.decide({
      decisionId,
      now,
      forecasts,
      nodes: nodes.map(({ name, memoryBytes, isolation }) => {
        return { name, isolation, capacity: memoryBytes * this.options.memoryShare };
      }),
      chosen: (fn) =>
        (tenant === undefined || fn.tenant === tenant) && (functions === undefined || functions.includes(fn.function)),
      dryRun,
      breathe: () => slices.breathe(),
    });
    this.#forget(now, live);
    return { policy: fleet.policy.name, decisions, newlyCapped, waiting: fleet.waiting, seconds: slices.seconds };
  }

  #fleetOf(policy: string): Fleet {
    const known = this.#fleets.get(policy);
    const askedAt = this.options.now();
    if (known) {
      known.askedAt = askedAt;
      return known;
    }
    const { store, prices, chargedGbSecond, log } = this.options;
    const fleet = new WarmFleet(store, prices, policyOf(policy));
    const made = { fleet, decider: new FleetDecider(fleet, chargedGbSecond, log), askedAt };
    this.#fleets.set(policy, made);
    return made;
  }

  async #live(): Promise<string> {
    return (await this.options.store.policyTrial())?.live ?? this.options.policy;
  }

  #forget(now: number, live: string): void {
    for (const [policy, { askedAt }] of this.#fleets) {
      if (policy !== live && now - askedAt > FORGOTTEN_MS) this.#fleets.delete(policy);
    }
  }

  /** Of each function the revision that most of `live` points at, and whether some node can restore it. */
  async #readFacts(): Promise<ReadonlyMap<string, WarmFacts>> {
    const { store } = this.options;
    const [{ functions }, checkpoints, budgets, states] = await Promise.all([
      store.routes(),
      store.checkpoints({ states: ['ready'] }),
      store.budgets(),
      store.budgetStates(),
    ]);
    const constraints = new BudgetConstraints(budgets, states, this.options.now());
    const restorable = new Set(checkpoints.map(({ revisionId }) => revisionId));
    const facts = new Map<string, WarmFacts>();
    for (const { functionId, tenant, name, aliases, revisions, placement } of functions) {
      const revision = mainRevision(aliases, revisions);
      if (!revision) continue;
      const nodes = placement && new Set(placement.nodes.map(({ node }) => node));
      const critical = revision.manifest.spec.critical === true;
      facts.set(functionId, {
        revision,
        hasCheckpoint: restorable.has(revision.id),
        nodes,
        constraints: constraints.of({ tenant, name, critical }),
      });
    }
    return facts;
  }

  async #forecasts(now: number): Promise<ReadonlyMap<string, ReturnType<typeof forecastAhead>>> {
    const minute = Math.floor(now / MINUTE_MS);
    const found = await this.options.store.latestForecasts(new Date(now - OLDEST_FORECAST_MS));
    return new Map(
      found.map(({ functionId, at, mean, quantiles }) => {
        const stored: StoredForecast = { minute: at.getTime() / MINUTE_MS, mean, quantiles };
        return [functionId, forecastAhead(stored, minute)];
      }),
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.catch(() => undefined).then(work);
    this.#turn = turn;
    return turn;
  }
}
