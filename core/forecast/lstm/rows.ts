/** target[targetAt …] += factor × source[sourceAt …], over `length` places. */
export function addRow(
  target: Float64Array,
  targetAt: number,
  source: Float64Array,
  sourceAt: number,
  length: number,
  factor: number,
): void {
  if (factor === 0) return;
  for (let i = 0; i < length; i++) {
    target[targetAt + i] = (target[targetAt + i] as number) + factor * (source[sourceAt + i] as number);
  }
}

/** Sum of the products of two rows. */
export function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[aAt + i] as number) * (b[bAt + i] as number);
  return sum;
}
