import type { Figure } from './report';

/** By how much each bar is missed, as Markdown; empty when all hold. */
export function missedBars(figures: readonly Figure[]): string[] {
  const missed = figures.filter(({ holds }) => holds === false);
  if (missed.length === 0) return [];
  const lines = missed.map(({ name, value, unit, bar }) => {
    const limit = Number(bar?.replace(/^[≤≥] /, ''));
    const off = limit === 0 ? '' : `: off by ${(100 * Math.abs(value / limit - 1)).toFixed(1)} % of it`;
    return `- ${name}: ${Number(value.toPrecision(4))} ${unit}, bar ${bar}${off}`;
  });
  return ['## Bars that are missed', '', ...lines, ''];
}
