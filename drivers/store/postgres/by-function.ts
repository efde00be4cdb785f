/** Rows of each function, in their order. */
export function byFunction<T extends { readonly functionId: string }>(rows: readonly T[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.functionId);
    if (group) group.push(row);
    else groups.set(row.functionId, [row]);
  }
  return groups;
}
