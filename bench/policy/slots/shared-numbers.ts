/** A copy that threads share instead of each having its own. */
export function sharedNumbers(numbers: ArrayLike<number>): Float64Array {
  const shared = new Float64Array(new SharedArrayBuffer(8 * numbers.length));
  shared.set(numbers);
  return shared;
}
