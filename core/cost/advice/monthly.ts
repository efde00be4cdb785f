import { picoOf } from '../money';

export const MONTH_MS = 30 * 86_400_000;

/** What an amount of a window comes to in 30 days, in whole picodollars. @param windowMs above 0 */
export function monthly(amount: bigint, windowMs: number): bigint {
  return (amount * BigInt(MONTH_MS)) / BigInt(Math.max(1, Math.round(windowMs)));
}

/** The same of a quantity of the window at a price in micro-dollars a unit. */
export function monthlyOf(quantity: number, price: number, windowMs: number): bigint {
  return monthly(BigInt(picoOf(quantity, price)), windowMs);
}
