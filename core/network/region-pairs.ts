/** What is said of pairs: `table[from][to]`. */
export type PairTable = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The value of a pair; where only the way back is given, that one. Undefined where neither is. */
export function ofPair(table: PairTable, from: string, to: string): number | undefined {
  return own(table, from, to) ?? own(table, to, from);
}

/** Every name that a table speaks of. */
export function namesOf(table: PairTable): Set<string> {
  return new Set(Object.entries(table).flatMap(([from, row]) => [from, ...Object.keys(row)]));
}

function own(table: PairTable, from: string, to: string): number | undefined {
  if (!Object.hasOwn(table, from)) return undefined;
  const row = table[from] ?? {};
  return Object.hasOwn(row, to) ? row[to] : undefined;
}
