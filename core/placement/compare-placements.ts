import { CaseTerms } from './case-terms';
import { costBreakdown, nodePlaces, type CostBreakdown, type Costs } from './cost-breakdown';
import { MoveBoard } from './move-board';
import { callGroups, withRoomMakers, type Bundle } from './move-bundles';
import { dollars, mustLeave, savingReason } from './move-reason';
import { DEFAULT_MOVE_RULES, type MoveRules } from './move-rules';
import type { Placement, PlacementCase } from './placement-case';
import { Room } from './room';

/** One function that goes elsewhere. */
export interface PlannedMove {
  readonly function: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Micro-dollars an hour, what the move costs taken off; below 0 where it has to leave or makes room for another. */
  readonly savesPerHour: number;
  /** Micro-dollars, once. */
  readonly costsOnce: number;
  /** The five terms an hour, calls in full, with the moves before this one done. */
  readonly before: Costs;
  readonly after: Costs;
  /** True where it may not stay, so that no threshold counts. */
  readonly forced: boolean;
  /** Functions whose moves must have ended before this one begins, because it takes the room that they leave. */
  readonly waitsFor: readonly string[];
  /** One sentence. */
  readonly reason: string;
}

/** A function that the next placement has elsewhere and that stays all the same. */
export interface HeldMove {
  readonly function: string;
  readonly to: readonly string[];
  readonly savesPerHour: number;
  readonly reason: string;
}

export interface PlacementComparison {
  readonly before: CostBreakdown;
  /** With all moves of the plan done. */
  readonly after: CostBreakdown;
  readonly placement: Placement;
  /** In this order: each finds room when those before it are done. Those that must leave come first, then who saves most. */
  readonly moves: readonly PlannedMove[];
  readonly held: readonly HeldMove[];
}

/**
 * Which of the moves from one placement to another are worth it, and in which order. A move counts with what it costs, paid off over
 * `prices.payOffHours`; it must save at least what the rules ask, more where the function moved of late; one that may not stay is
 * moved whatever that costs. Moves that only pay or only find room together are judged together.
 */
export function comparePlacements(
  problem: PlacementCase,
  current: Placement,
  next: Placement,
  rules: MoveRules = DEFAULT_MOVE_RULES,
): PlacementComparison {
  const terms = new CaseTerms(problem);
  return new Comparison(terms, current, next, rules).run();
}

class Comparison {
  readonly #board: MoveBoard;
  readonly #start: readonly (readonly number[])[];
  /** As though nobody ever left: who finds room here need not wait for others. */
  readonly #crowded: Room;
  readonly #moves: PlannedMove[] = [];
  readonly #places: number[] = [];
  readonly #forced: ReadonlyMap<number, string>;

  constructor(
    private readonly terms: CaseTerms,
    private readonly current: Placement,
    next: Placement,
    private readonly rules: MoveRules,
  ) {
    this.#start = nodePlaces(terms, current);
    const goal = nodePlaces(terms, next);
    this.#board = new MoveBoard(
      terms,
      this.#start,
      goal.map((nodes, fn) => (nodes.length > 0 ? nodes : this.#start[fn]!)),
    );
    this.#crowded = new Room(terms, this.#start);
    this.#forced = this.#whoMustLeave();
  }

  run(): PlacementComparison {
    const { problem } = this.terms;
    for (;;) {
      const bundle = this.#nextForced() ?? this.#nextWorthIt();
      if (!bundle) break;
      for (const fn of bundle) this.#move(fn, bundle);
    }
    const placement = Object.fromEntries(problem.functions.map(({ id }, fn) => [id, this.#names(this.#board.at[fn]!)]));
    return {
      before: costBreakdown(problem, this.current, this.terms),
      after: costBreakdown(problem, placement, this.terms),
      placement,
      moves: this.#moves,
      held: this.#board.open().map((fn) => this.#held(fn)),
    };
  }

  get #left(): number {
    return this.rules.most - this.#moves.length;
  }

  #whoMustLeave(): ReadonlyMap<number, string> {
    const reasons = new Map<number, string>();
    for (const fn of this.#board.open()) {
      const gone = (this.current[this.#id(fn)] ?? []).filter((name) => !this.terms.nodeAt.has(name));
      const reason = mustLeave(this.terms, fn, this.#start[fn]!, gone);
      if (reason) reasons.set(fn, reason);
    }
    return reasons;
  }

  #nextForced(): Bundle | null {
    const open = new Set(this.#board.open());
    const forced = [...open].filter((fn) => this.#reasonToLeave(fn) !== null);
    return this.#best(
      forced.map((fn) => withRoomMakers(this.#board, fn, open, this.#left)),
      () => true,
    );
  }

  #nextWorthIt(): Bundle | null {
    const open = new Set(this.#board.open());
    const worthIt = (bundle: Bundle): boolean =>
      this.#board.saving(bundle) >= bundle.reduce((sum, fn) => sum + this.#asked(fn), 0);
    return (
      this.#best(
        [...open].map((fn) =>
          this.#board.saving([fn]) > 0 ? withRoomMakers(this.#board, fn, open, this.#left) : null,
        ),
        worthIt,
      ) ?? this.#best(callGroups(this.#board, open, this.#left), worthIt)
    );
  }

  /** The bundle that saves most for each of its moves. */
  #best(bundles: readonly (Bundle | null)[], passes: (bundle: Bundle) => boolean): Bundle | null {
    if (this.#left <= 0) return null;
    let [best, most] = [null as Bundle | null, -Infinity];
    for (const bundle of bundles) {
      if (!bundle) continue;
      const saving = this.#board.saving(bundle) / bundle.length;
      if (saving > most && passes(bundle)) [best, most] = [bundle, saving];
    }
    return best;
  }

  #move(fn: number, bundle: Bundle): void {
    const board = this.#board;
    const [from, to] = [board.at[fn]!, board.goal[fn]!];
    const savesPerHour = board.saving([fn]);
    const leave = this.#reasonToLeave(fn);
    this.#moves.push({
      function: this.#id(fn),
      from: this.#names(from),
      to: this.#names(to),
      savesPerHour,
      costsOnce: board.moveOnce(fn),
      before: board.costs(fn, from),
      after: { ...board.costs(fn, to), migration: board.moveAnHour(fn) },
      forced: leave !== null,
      waitsFor: this.#waitsFor(fn),
      reason: this.#reason(fn, bundle, savesPerHour, leave),
    });
    this.#places.push(fn);
    this.#crowded.add(fn, to);
    board.take(fn);
  }

  #reason(fn: number, bundle: Bundle, saving: number, leave: string | null): string {
    const id = this.#id(fn);
    if (leave) return `${id} must leave: ${leave}`;
    const others = bundle.filter((other) => other !== fn).map((other) => this.#id(other));
    const together = `${dollars(this.#board.saving(bundle.slice(bundle.indexOf(fn))))} an hour`;
    if (saving <= 0) return `${id} moves together with ${others.join(', ')}, which saves ${together} from here on`;
    return `${id} ${savingReason(this.#board, fn, saving)}`;
  }

  /** Earlier moves that left the nodes where this one comes to, unless it has room there with all of them still in place. */
  #waitsFor(fn: number): string[] {
    const arrivals = this.#board.arrivals(fn);
    this.#crowded.remove(fn, this.#board.at[fn]!);
    const room = this.#crowded.holds(fn, this.#board.goal[fn]!);
    this.#crowded.add(fn, this.#board.at[fn]!);
    if (room) return [];
    return this.#places
      .filter((other) => this.#start[other]!.some((node) => arrivals.includes(node)))
      .map((other) => this.#id(other));
  }

  #held(fn: number): HeldMove {
    const saving = this.#board.saving([fn]);
    return {
      function: this.#id(fn),
      to: this.#names(this.#board.goal[fn]!),
      savesPerHour: saving,
      reason: this.#whyHeld(fn, saving),
    };
  }

  #whyHeld(fn: number, saving: number): string {
    const forced = this.#reasonToLeave(fn);
    const enough = forced !== null || saving >= this.#asked(fn);
    if (enough && this.#left <= 0) return `waits for the next plan: this one has its ${this.rules.most} moves`;
    if (enough) {
      const full = this.#names(this.#board.arrivals(fn)).join(', ');
      return `finds no room on ${full} at any step, whichever of the others moves first`;
    }
    if (saving > 0 && this.#rests(fn)) {
      return `moved less than ${this.rules.restSeconds} s ago and would save ${dollars(saving)} an hour, not ${dollars(this.#asked(fn))}`;
    }
    return `would save ${dollars(saving)} an hour, not ${dollars(this.#asked(fn))}`;
  }

  /** What the move of a function must save an hour. */
  #asked(fn: number): number {
    if (this.#reasonToLeave(fn) !== null) return -Infinity;
    const { leastSaving, leastShare, restFactor } = this.rules;
    const now = this.#board.running(fn, this.#board.at[fn]!);
    return Math.max(leastSaving, leastShare * now) * (this.#rests(fn) ? restFactor : 1);
  }

  #rests(fn: number): boolean {
    const since = this.terms.problem.functions[fn]!.current?.secondsSinceMove ?? null;
    return since !== null && since < this.rules.restSeconds;
  }

  #reasonToLeave(fn: number): string | null {
    const reason = this.#forced.get(fn);
    if (reason !== undefined) return reason;
    return this.#board.departures(fn).length > 0 && this.#board.overloaded(fn)
      ? 'more is on its node than it has room for'
      : null;
  }

  #id(fn: number): string {
    return this.terms.problem.functions[fn]!.id;
  }

  #names(nodes: readonly number[]): string[] {
    return nodes.map((node) => this.terms.problem.nodes[node]!.name);
  }
}
