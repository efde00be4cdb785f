import { COMPONENT_UNITS, COST_COMPONENTS, type CostComponent } from './price-table';

/** A line of the ledger, as a statement needs it. */
export interface StatedLine {
  readonly functionId: string;
  readonly function: string;
  readonly component: CostComponent;
  readonly quantity: number;
  /** Picodollars. */
  readonly amount: bigint;
}

/** What was used of a component, and what it cost in picodollars. */
export interface StatedPart {
  readonly component: CostComponent;
  readonly quantity: number;
  readonly unit: string;
  readonly amount: bigint;
}

interface StatedFunction {
  readonly functionId: string;
  readonly function: string;
  readonly parts: readonly StatedPart[];
  readonly amount: bigint;
}

/** What a tenant is charged for a span of time. */
export interface Statement {
  /** The dearest first. */
  readonly functions: readonly StatedFunction[];
  readonly parts: readonly StatedPart[];
  /** The sum of the functions, and of the parts, exactly. */
  readonly amount: bigint;
}

/** Sums lines by function and component. */
export class StatementSum {
  readonly #functions = new Map<
    string,
    { name: string; readonly parts: Map<CostComponent, { quantity: number; amount: bigint }> }
  >();

  add({ functionId, function: name, component, quantity, amount }: StatedLine): void {
    let own = this.#functions.get(functionId);
    if (!own) this.#functions.set(functionId, (own = { name, parts: new Map() }));
    const before = own.parts.get(component);
    own.parts.set(component, {
      quantity: quantity + (before?.quantity ?? 0),
      amount: amount + (before?.amount ?? 0n),
    });
  }

  statement(): Statement {
    const all = new Map<CostComponent, { quantity: number; amount: bigint }>();
    const functions = [...this.#functions].map(([functionId, { name, parts }]): StatedFunction => {
      for (const [component, { quantity, amount }] of parts) {
        const before = all.get(component);
        all.set(component, { quantity: quantity + (before?.quantity ?? 0), amount: amount + (before?.amount ?? 0n) });
      }
      return { functionId, function: name, parts: partsOf(parts), amount: sumOf(partsOf(parts)) };
    });
    functions.sort((a, b) =>
      a.amount === b.amount ? (a.function < b.function ? -1 : 1) : a.amount > b.amount ? -1 : 1,
    );
    const parts = partsOf(all);
    return { functions, parts, amount: sumOf(parts) };
  }
}

function partsOf(sums: ReadonlyMap<CostComponent, { quantity: number; amount: bigint }>): StatedPart[] {
  return COST_COMPONENTS.flatMap((component) => {
    const sum = sums.get(component);
    return sum ? [{ component, quantity: sum.quantity, unit: COMPONENT_UNITS[component], amount: sum.amount }] : [];
  });
}

function sumOf(parts: readonly StatedPart[]): bigint {
  return parts.reduce((sum, { amount }) => sum + amount, 0n);
}
