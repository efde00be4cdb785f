const CENT = 0.01;

/** In what a chart tells amounts: in dollars, or in micro-dollars where all are below a cent. @param most dollars */
export function moneyScale(most: number): { readonly unit: string; readonly perDollar: number } {
  return most < CENT ? { unit: 'µ$', perDollar: 1e6 } : { unit: '$', perDollar: 1 };
}
