/**
 * The assignment of rows to columns at the least sum, each column taken once: the Hungarian method by shortest augmenting paths with
 * potentials, O(rows² × columns). Infinity marks a pair that must not be.
 * @param costs row after row; `rows` ≤ `columns`
 * @returns the column of each row; null where not every row can have one
 * @throws RangeError for more rows than columns
 */
export function shortestAugmentingPath(costs: Float64Array, rows: number, columns: number): Int32Array | null {
  if (rows > columns) throw new RangeError(`${rows} rows cannot have a column each of ${columns}`);
  const rowPrice = new Float64Array(rows);
  const columnPrice = new Float64Array(columns);
  const rowOf = new Int32Array(columns).fill(-1);
  const columnOf = new Int32Array(rows).fill(-1);
  const distance = new Float64Array(columns);
  const before = new Int32Array(columns);
  /** Columns in an order that keeps those still open at the end. */
  const open = Int32Array.from({ length: columns }, (_, column) => column);
  for (let start = 0; start < rows; start++) {
    distance.fill(Infinity);
    let [row, reached, done, end] = [start, 0, 0, -1];
    while (end < 0) {
      const base = row * columns;
      const price = rowPrice[row]!;
      let [nearest, least] = [-1, Infinity];
      for (let place = done; place < columns; place++) {
        const column = open[place]!;
        const length = reached + costs[base + column]! - price - columnPrice[column]!;
        if (length < distance[column]!) {
          distance[column] = length;
          before[column] = row;
        }
        const far = distance[column]!;
        if (far < least || (far === least && nearest >= 0 && rowOf[column] === -1 && rowOf[open[nearest]!] !== -1)) {
          [nearest, least] = [place, far];
        }
      }
      if (least === Infinity) return null;
      reached = least;
      const column = open[nearest]!;
      open[nearest] = open[done]!;
      open[done++] = column;
      if (rowOf[column] === -1) end = column;
      else row = rowOf[column]!;
    }
    rowPrice[start]! += reached;
    for (let place = 0; place < done; place++) {
      const column = open[place]!;
      const slack = reached - distance[column]!;
      columnPrice[column]! -= slack;
      if (rowOf[column]! >= 0) rowPrice[rowOf[column]!]! += slack;
    }
    for (let column = end; ;) {
      const taker = before[column]!;
      const next = columnOf[taker]!;
      rowOf[column] = taker;
      columnOf[taker] = column;
      if (taker === start) break;
      column = next;
    }
  }
  return columnOf;
}
