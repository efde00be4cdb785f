const STEP = 1e-6;

/** Each slope is what the loss changes by when its parameter does. @param loss of the parameters as they are now */
export function expectGradient(gradient: Float64Array, parameters: Float64Array, loss: () => number): void {
  for (let i = 0; i < parameters.length; i++) {
    const value = parameters[i] as number;
    parameters[i] = value + STEP;
    const above = loss();
    parameters[i] = value - STEP;
    const below = loss();
    parameters[i] = value;
    expect(gradient[i]).toBeCloseTo((above - below) / (2 * STEP), 6);
  }
}
