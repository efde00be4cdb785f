/**
 * Percents of the limit that have been reached and were not told of in this period, rising. What was told of once is not told again
 * in its period: neither when it is asked twice, nor when the limit was raised and is reached anew.
 * @param spent and @param limit picodollars
 */
export function dueAlerts(
  alertAt: readonly number[],
  { spent, limit }: { readonly spent: bigint; readonly limit: bigint },
  alerted: readonly number[],
): readonly number[] {
  return [...new Set(alertAt)]
    .filter((percent) => spent * 100n >= limit * BigInt(percent) && !alerted.includes(percent))
    .sort((a, b) => a - b);
}

/** The next percent that will be told of, and the spend from which on it is due, in picodollars; null: all were. */
export function nextAlert(
  alertAt: readonly number[],
  limit: bigint,
  alerted: readonly number[],
): { readonly percent: number; readonly at: bigint } | null {
  const left = alertAt.filter((percent) => !alerted.includes(percent));
  if (left.length === 0) return null;
  const percent = Math.min(...left);
  // Rounded up: no picodollar earlier is it due.
  return { percent, at: (limit * BigInt(percent) + 99n) / 100n };
}
