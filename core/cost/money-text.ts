const PICO_PER_DOLLAR = 1_000_000_000_000n;
const DECIMALS = 12;
const FEWEST_SHOWN = 2;

/** An amount that may have up to twelve decimals, such as `250` or `99.50`. */
const AMOUNT = /^(\d+)(?:\.(\d{1,12}))?$/;

/** Dollars as people write them, in picodollars, exactly. @throws RangeError for what is no amount */
export function picoOfDollars(text: string): bigint {
  const [, whole, decimals = ''] = AMOUNT.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`"${text}" is no amount of dollars such as 250 or 99.50`);
  return BigInt(whole) * PICO_PER_DOLLAR + BigInt(decimals.padEnd(DECIMALS, '0'));
}

/** Picodollars in dollars, exactly: two decimals at least, and as many more as it takes. */
export function dollarText(pico: bigint): string {
  const positive = pico < 0n ? -pico : pico;
  const decimals = (positive % PICO_PER_DOLLAR).toString().padStart(DECIMALS, '0');
  const shown = decimals.slice(0, FEWEST_SHOWN) + decimals.slice(FEWEST_SHOWN).replace(/0+$/, '');
  return `${pico < 0n ? '-' : ''}${positive / PICO_PER_DOLLAR}.${shown}`;
}

/** The same for people, to the nearest cent, or to three digits where it is less than a dollar. */
export function roughDollars(pico: bigint): string {
  const dollars = Number(pico) / Number(PICO_PER_DOLLAR);
  if (dollars === 0 || Math.abs(dollars) >= 1) return dollars.toFixed(2);
  return Number(dollars.toPrecision(3)).toFixed(Math.max(2, 2 - Math.floor(Math.log10(Math.abs(dollars)))));
}
