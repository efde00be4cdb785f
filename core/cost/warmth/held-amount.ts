/** A price is counted in so many parts of a micro-dollar: far finer than any list, so that nothing is lost of one. */
const PARTS_OF_MICRO = 1e12;
const PICO_OF_MICRO = 1e6;
const MOST = 1e9;

/** 10⁹ bytes kept for a second, and for 30 days, in bytes × milliseconds. */
export const GB_SECOND_BYTE_MS = 1e12;
export const GB_MONTH_BYTE_MS = GB_SECOND_BYTE_MS * 2_592_000;

/** What byte-milliseconds at a price in parts are divided by to get picodollars: for prices of a GB·s, and of a GB and month. */
export const GB_SECOND = BigInt(GB_SECOND_BYTE_MS) * BigInt(PARTS_OF_MICRO / PICO_OF_MICRO);
export const GB_MONTH = BigInt(GB_MONTH_BYTE_MS) * BigInt(PARTS_OF_MICRO / PICO_OF_MICRO);

/** A price in whole parts, so that all is counted in whole numbers. @throws RangeError for what is no price */
export function priceParts(microDollars: number): bigint {
  if (!(microDollars >= 0 && microDollars <= MOST)) throw new RangeError(`${microDollars} micro-dollars are no price`);
  return BigInt(Math.round(microDollars * PARTS_OF_MICRO));
}

/** Picodollars of so many byte-milliseconds, to the nearest. @param per `GB_SECOND` or `GB_MONTH` */
export function heldAmount(byteMs: bigint, parts: bigint, per: bigint): bigint {
  return (byteMs * parts + per / 2n) / per;
}
