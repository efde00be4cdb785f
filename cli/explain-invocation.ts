import type { InvocationCostResource } from './cost-resources';
import { showMs, showPrice } from './quantities';
import type { StartExplanationResource } from './warming-resources';

/** In a sentence what the wait cost, and what a better instance would have had to outlast. */
export function restStory({ waitedMs, price, busy, restedSeconds }: StartExplanationResource): string {
  const wait = `The wait of ${showMs(waitedMs)} is worth ${showPrice(price)}.`;
  if (restedSeconds !== null) return `${wait} Its instance had rested for ${showMs(restedSeconds * 1000)}:`;
  const need = busy === 0 ? 'none had ever been used' : `${busy} ${busy === 1 ? 'was' : 'were'} in use`;
  return `${wait} It needed one more instance than there had been (${need}); for each minute of one:`;
}

/** What it cost, with the parts that cost anything. */
export function costStory({ amount, parts, table, tier, charged }: InvocationCostResource): string {
  const dear = parts.filter((part) => part.amount > 0).map((part) => `${part.component} ${showPrice(part.amount)}`);
  const of = dear.length > 0 ? ` (${dear.join(', ')})` : '';
  const today = charged ? '' : ', at the prices of now: it was recorded before calls carried theirs';
  return `${showPrice(amount)}${of}, by ${table} on the tier ${tier}${today}`;
}
