/**
 * Money is counted in whole picodollars (a millionth of a micro-dollar): the memory of a call of a millisecond is worth some
 * thousand of them, so that rounding each call takes nothing from a sum, and sums are exact. A call is far below the 9,000 dollars
 * at which a number ends to be exact; sums over calls are `bigint`.
 */
export type Pico = number;

const PICO_PER_MICRO = 1_000_000;

/** Of a quantity at a price in micro-dollars a unit, rounded to the nearest. @throws RangeError where it could not be counted exactly */
export function picoOf(quantity: number, microDollarsPerUnit: number): Pico {
  const pico = Math.round(quantity * microDollarsPerUnit * PICO_PER_MICRO);
  if (!(quantity >= 0) || !Number.isSafeInteger(pico)) {
    throw new RangeError(
      `${quantity} at ${microDollarsPerUnit} micro-dollars each is no amount that can be counted exactly`,
    );
  }
  return pico;
}

/** For people and programs that think in micro-dollars; not to be summed. */
export function microDollarsOf(amount: Pico): number {
  return amount / PICO_PER_MICRO;
}

/** An amount as dollars, to the last digit: `"0.000000042667"`. */
export function dollarsText(picoDollars: bigint): string {
  const digits = (picoDollars < 0n ? -picoDollars : picoDollars).toString().padStart(13, '0');
  return `${picoDollars < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`;
}
