/** Has no types of its own. */
declare module 'munkres-js' {
  /** @returns pairs of row and column */
  function munkres(costs: readonly (readonly number[])[]): [number, number][];
  export = munkres;
}

/** Its types are written for ES modules alone. */
declare module 'munkres' {
  /** @returns pairs of row and column */
  export function munkres(costs: readonly (readonly number[])[]): [number, number][];
}
