const PARTS = 1_000_000_000;

/**
 * A share of an amount in picodollars, to the nearest; the share is counted in billionths.
 * @param share 0 or more, finite
 */
export function shareOf(amount: bigint, share: number): bigint {
  const product = amount * BigInt(Math.round(share * PARTS));
  const parts = BigInt(PARTS);
  return (product + (product < 0n ? -parts : parts) / 2n) / parts;
}
