import type { Logger } from 'pino';
import { offersIsolation, type Isolation } from '../../../core/function/isolation';
import type { Forecast } from '../../../core/forecast/forecast';
import { decisionReason } from '../../../core/warming/decision-reason';
import type { FunctionTarget } from '../../../core/warming/function-target';
import { grantTargets, peakOf } from '../../../core/warming/grant-targets';
import type { WarmthRecord } from '../../../drivers/store/warming-store';
import type { WarmFleet } from './warm-fleet';
import type { WarmedFunction } from './warmed-function';

const MINUTE = 60;
type Expected = Pick<Forecast, 'mean' | 'quantiles'> | null;

/** What one function asks for. */
interface Wish {
  readonly fn: WarmedFunction;
  readonly id: string;
  readonly target: FunctionTarget;
  readonly floor: number;
  readonly forecastMean: number | null;
}

/** A node on which instances may be held. */
interface WarmNode {
  readonly name: string;
  /** Bytes. */
  readonly capacity: number;
  /** What it offers; left out: `agent`. */
  readonly isolation?: Isolation | undefined;
}

/** Turns what a fleet's policy wants into decisions: all functions together within each node's memory. */
export class FleetDecider {
  /** By node and function, what was granted last. */
  #granted: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map();
  /** Functions of which something was held last: that this is over must be said once. */
  readonly #held = new Set<string>();
  /** Functions that could not have all they asked for. */
  readonly #capped = new Set<string>();

  constructor(
    private readonly fleet: WarmFleet,
    /** Micro-dollars a second of a GB that is held, as it is charged. */
    private readonly gbSecond: number,
    private readonly log: Logger,
  ) {}

  /** @param options.now Unix milliseconds; capacities in bytes; `breathe` gives others their turn */
  async decide(options: {
    readonly decisionId: string;
    readonly now: number;
    readonly forecasts: ReadonlyMap<string, Expected>;
    readonly nodes: readonly WarmNode[];
    /** Functions that the decisions are told for; all others count as well. */
    readonly chosen: (fn: { readonly tenant: string; readonly function: string }) => boolean;
    /** True: nothing of it is remembered. */
    readonly dryRun: boolean;
    readonly breathe: () => Promise<void>;
  }): Promise<{ decisions: WarmthRecord[]; newlyCapped: WarmthRecord[] }> {
    const { decisionId, now, nodes, chosen, dryRun, breathe } = options;
    const wishes: Wish[] = [];
    for (const fn of this.fleet.functions) {
      const forecast = options.forecasts.get(fn.facts.revision.functionId) ?? null;
      const wish = this.#wish(fn, { now, forecast, dryRun });
      if (wish) wishes.push(wish);
      await breathe();
    }
    const grants = new Map(nodes.map((node) => [node.name, this.#grant(wishes, node)]));
    const suited = (fn: WarmedFunction): ReadonlySet<string> =>
      new Set(nodes.filter((node) => mayHold(node, fn)).map(({ name }) => name));
    const decisions: WarmthRecord[] = [];
    const newlyCapped: WarmthRecord[] = [];
    for (const wish of wishes) {
      if (!chosen(wish.fn.facts.revision)) continue;
      const holds = peakOf(wish.target) > 0;
      // Of a function that nobody ever called and nothing is held of, there is nothing to say, unless it declares otherwise.
      if (wish.fn.known === 0 && wish.floor === 0 && !holds && !this.#held.has(wish.id)) continue;
      const decision = this.#decision(wish, decisionId, now, { grants, suited: suited(wish.fn) });
      decisions.push(decision);
      if (decision.capped && !this.#capped.has(wish.id)) newlyCapped.push(decision);
      if (dryRun) continue;
      mark(this.#held, wish.id, holds);
      mark(this.#capped, wish.id, decision.capped);
    }
    if (!dryRun) this.#granted = grants;
    return { decisions, newlyCapped };
  }

  #wish(fn: WarmedFunction, given: { now: number; forecast: Expected; dryRun: boolean }): Wish | null {
    const { now, forecast } = given;
    const { functionId: id, tenant, function: name } = fn.facts.revision;
    try {
      const floor = fn.floor(now);
      return { fn, id, floor, target: fn.target(floor, given), forecastMean: forecast?.mean[0] ?? null };
    } catch (error) {
      // One function that cannot be decided must not hold up all others.
      this.log.warn({ err: error, tenant, function: name }, 'What to hold of a function could not be decided');
      return null;
    }
  }

  #grant(wishes: readonly Wish[], node: WarmNode): ReadonlyMap<string, number> {
    const before = this.#granted.get(node.name);
    const placedHere = wishes.filter(({ fn }) => mayHold(node, fn));
    const asked = placedHere.map(({ id, fn, floor, target }) => {
      const grantedBefore = before?.get(id) ?? 0;
      const { purses } = fn.facts.constraints;
      const price = fn.holdingPrice(this.gbSecond);
      return { id, bytes: fn.memoryBytes, floor, target, saved: fn.saved, grantedBefore, purses, price };
    });
    return grantTargets(asked, node.capacity);
  }

  #decision(
    { fn, id, target, floor, forecastMean }: Wish,
    decisionId: string,
    now: number,
    on: { readonly grants: ReadonlyMap<string, ReadonlyMap<string, number>>; readonly suited: ReadonlySet<string> },
  ): WarmthRecord {
    const { tenant, function: name, number: revision, id: revisionId } = fn.facts.revision;
    const policy = this.fleet.policy.name;
    const peak = peakOf(target);
    // Where it is not placed, nothing is held of it.
    const granted = [...on.grants].flatMap(([node, byFunction]) =>
      on.suited.has(node) ? [[node, byFunction.get(id) ?? 0] as const] : [],
    );
    const capped = granted.filter(([, instances]) => instances < peak);
    const { steps, keepAlive, uses, pool } = target;
    const { constraints } = fn.facts;
    return {
      functionId: id,
      at: new Date(now),
      decisionId,
      tenant,
      function: name,
      revision,
      revisionId,
      policy,
      steps,
      keepAlive,
      uses,
      pool,
      floor,
      expectedRate: forecastMean === null ? uses.reduce((sum, rate) => sum + rate, 0) : forecastMean / MINUTE,
      forecastMean,
      granted: Object.fromEntries(granted),
      capped: capped.length > 0,
      reason: decisionReason({
        ...{ policy, target, floor, forecastMean, capped },
        known: fn.known,
        restraint: constraints.restraint,
        budgeted: constraints.purses.length > 0,
      }),
    };
  }
}

/** It is placed there, or nowhere in particular; and the node runs functions of its sort. */
function mayHold({ name, isolation }: WarmNode, { facts }: WarmedFunction): boolean {
  return (facts.nodes?.has(name) ?? true) && offersIsolation(isolation, facts.revision.manifest.spec.isolation);
}

function mark(set: Set<string>, id: string, is: boolean): void {
  if (is) set.add(id);
  else set.delete(id);
}
